"""A budget stops cleanly and can be raised to go on; a price that is not known is never 0."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from operators.core.serving import Request, ServingStopped
from resources.llm.prices import Price, price_of
from tests.resources.llm.conftest import MakeServing, StartServer

QUESTIONS = [f"question {index}" for index in range(100)]
TOKENS_A_CALL = 30


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


def test_a_price_file_that_holds_no_prices_says_how_to_write_one(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text("mock: cheap\n")
    with pytest.raises(ValueError, match=r"prices\.yaml does not hold prices: .* Each line should read `model: "):
        price_of("mock", tmp_path / "prices.yaml")
