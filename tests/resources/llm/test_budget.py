"""A budget stops cleanly and can be raised to go on; a price that is not known is never 0."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from operators.asking.answers import ServingStopped
from operators.asking.requests import Request
from resources.llm import LLMSettings
from resources.llm.accounting.prices import Price, price_of
from tests.resources.llm.conftest import MakeServing, StartServer

QUESTIONS = [f"question {index}" for index in range(100)]
TOKENS_A_CALL = 30
ROOT = Path(__file__).parents[3]


def test_a_budget_stops_within_one_wave_and_a_larger_one_continues(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.01)
    with pytest.raises(ServingStopped, match=r"the budget of 600 tokens is spent .*run again with a larger budget_tokens"):
        make_serving(server.address, budget_tokens=20 * TOKENS_A_CALL, max_in_flight=4).generate_from_input(QUESTIONS)
    paid = server.counts.requests
    assert 20 <= paid <= 20 + 4
    assert len(make_serving(server.address, budget_tokens=100 * TOKENS_A_CALL, max_in_flight=4).generate_from_input(QUESTIONS)) == 100
    assert server.counts.requests == 100


def test_a_spent_budget_still_gives_what_is_in_the_cache(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()
    make_serving(server.address).generate_from_input(QUESTIONS)
    assert len(make_serving(server.address, budget_tokens=0).generate_from_input(QUESTIONS)) == 100
    with pytest.raises(ServingStopped):
        make_serving(server.address, budget_tokens=0).generate_from_input(["new"])
    assert server.counts.requests == 100


def test_a_budget_in_money_uses_the_users_prices(start_server: StartServer, make_serving: MakeServing, tmp_path: Path) -> None:
    server = start_server()
    (tmp_path / "prices.yaml").write_text("mock: [1000, 3000]\n")
    price = (20 * 1000 + 10 * 3000) / 1e6
    serving = make_serving(server.address, budget_usd=10 * price, price_file=tmp_path / "prices.yaml", max_in_flight=1)
    with pytest.raises(ServingStopped, match=r"the budget of \$0\.5 is spent"):
        serving.generate_from_input(QUESTIONS)
    assert 10 <= server.counts.requests <= 11


CODE = """
import sys
from pathlib import Path
from operators.asking.answers import ServingStopped
from resources.llm import LLMSettings, open_serving
address, cache, per, run, name = sys.argv[1:]
settings = LLMSettings(
    base_url=address, model="mock", cache_path=Path(cache), max_in_flight=4, budget_tokens=40 * 30, budget_per=per, run=run, retry_seconds=0.01
)
try:
    open_serving(settings).generate_from_input([f"{name} asks {index}" for index in range(60)])
except ServingStopped as stop:
    print(stop)
    raise SystemExit(3)
"""


@pytest.mark.parametrize(("per", "run"), [("run", "nightly"), ("day", ""), ("ever", "")])
def test_processes_share_a_budget_and_overshoot_by_no_more_than_they_have_in_flight(
    per: str, run: str, start_server: StartServer, tmp_path: Path
) -> None:
    server, cache = start_server(latency=0.02), tmp_path / "answers.sqlite"

    def start(name: str, run: str = run) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", CODE, server.address, str(cache), per, run, name]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    processes = [start(f"process {number}") for number in range(3)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [3, 3, 3]
    assert all("1,200 tokens" in text for text in said)
    paid = server.counts.requests
    assert 40 <= paid <= 40 + 3 * 4

    later = start("a later process")
    assert "1,200 tokens" in later.communicate(timeout=60)[0]
    assert server.counts.requests == paid, "it does not start from zero"
    if per == "run":
        start("another run", run="next night").communicate(timeout=60)
        assert 40 <= server.counts.requests - paid <= 40 + 4


def test_yesterday_is_in_the_budget_for_good_and_not_in_that_of_today(start_server: StartServer, make_serving: MakeServing, tmp_path: Path) -> None:
    server = start_server()
    make_serving(server.address).generate_from_input(QUESTIONS[:20])
    with closing(sqlite3.connect(tmp_path / "answers.sqlite")) as connection, connection:
        connection.execute("UPDATE usage SET day = '2020-01-01'")
    with pytest.raises(ServingStopped, match=r"600 tokens for good is spent \(600\)"):
        make_serving(server.address, budget_tokens=20 * TOKENS_A_CALL, budget_per="ever").generate_from_input(QUESTIONS)
    with pytest.raises(ServingStopped, match=r"600 tokens a day is spent .*or tomorrow"):
        make_serving(server.address, budget_tokens=20 * TOKENS_A_CALL, budget_per="day", max_in_flight=1).generate_from_input(QUESTIONS)
    assert 40 <= server.counts.requests <= 41


def test_a_budget_counts_what_was_paid_for_its_own_model(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()
    make_serving(server.address, model="other").generate_from_input(QUESTIONS)
    answers = make_serving(server.address, budget_tokens=50 * TOKENS_A_CALL, budget_per="ever").generate_from_input(QUESTIONS[:40])
    assert len(answers) == 40


def test_a_budget_over_runs_cannot_do_without_the_ledger() -> None:
    with pytest.raises(ValueError, match="cannot do without it"):
        LLMSettings(budget_tokens=1, budget_per="day", ledger=False)


def test_a_budget_in_money_needs_a_price(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()
    with pytest.raises(ServingStopped, match="the price of 'mock' is unknown"):
        make_serving(server.address, budget_usd=1).generate_from_input(QUESTIONS)
    assert server.counts.requests == 0


@pytest.mark.parametrize(("model", "cost"), [("gpt-4o-mini", (20 * 0.15 + 10 * 0.60) / 1e6), ("mock", None)])
def test_usage_tells_the_cost_where_the_price_is_known(model: str, cost: float | None, start_server: StartServer, make_serving: MakeServing) -> None:
    async def ask() -> None:
        async with make_serving(start_server().address, model=model).session() as session:
            await session.generate(Request.of("q"))
            await session.generate(Request.of("q"))
            usage = session.usage.as_dict()
        assert usage["cost_usd"] == (None if cost is None else pytest.approx(cost))
        assert (usage["calls"], usage["cached"], usage["prompt_tokens"], usage["completion_tokens"]) == (1, 1, 20, 10)
        assert usage["latency_p50"] > 0

    asyncio.run(ask())


def test_dated_and_provider_names_have_the_price_of_the_plain_name() -> None:
    assert price_of("openai/gpt-4o-2024-08-06") == price_of("gpt-4o") == Price(2.5, 10.0)
    assert price_of("gpt-4o-unheard-of") is None


@pytest.mark.parametrize("price", ["cheap", "[1]", "[.nan, 1]", "[1, .inf]", "[-1, 2]", "[true, 1]"])
def test_a_price_file_that_holds_no_prices_says_how_to_write_one(price: str, tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text(f"mock: {price}\n")
    with pytest.raises(ValueError, match=r"prices\.yaml does not hold prices: .* Each line should read `model: "):
        price_of("mock", tmp_path / "prices.yaml")
