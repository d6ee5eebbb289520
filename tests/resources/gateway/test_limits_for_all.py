"""One rate, one budget and one set of questions under way, however many workers ask; and what the gateway passes on beside answers."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from operators.asking.answers import Failure, ServingStopped, TextsRefused, TokenLogProbabilities, Weighed
from operators.asking.requests import GivenText
from operators.asking.usage_label import usage_label
from resources.embeddings import EmbeddingSettings
from resources.embeddings.openai_compatible import OpenAICompatibleEmbeddings
from resources.embeddings.serving import Embeddings
from resources.gateway.served_embeddings import ServedEmbeddings
from resources.llm.engine.serving import Serving
from tests.resources.embeddings import embedding_server
from tests.resources.gateway.running import gateway, serving
from tests.resources.llm import echo_server
from tests.resources.llm.fault_server import Faults, running

TOKENS_A_CALL = 30


def asked_by_two(address: str, questions: int, **settings: Any) -> list[str]:
    """What two workers at once were told at the end: "" or why they stopped. Their questions differ."""

    def work(name: str) -> str:
        try:
            serving(address, None, **settings).generate_from_input([f"{name} {index}" for index in range(questions)])
        except ServingStopped as stop:
            return f"{stop.cause}: {stop}"
        return ""

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, ("one", "two")))


def test_a_budget_is_one_for_all_workers(tmp_path: Path) -> None:
    with running(Faults(latency=0.01)) as server:
        upstream = serving(server.address, tmp_path / "answers.sqlite", budget_tokens=40 * TOKENS_A_CALL, max_in_flight=4)
        with gateway(upstream) as address:
            said = asked_by_two(address, 60)
    assert all(why.startswith("budget: the budget of 1,200 tokens is spent") for why in said)
    assert 40 <= server.counts.requests <= 40 + 4


def test_a_rate_is_one_for_all_workers(tmp_path: Path) -> None:
    """60 questions at 20 a second, of which 20 may go at once, take 2 seconds at least, on a slow machine longer."""
    with running() as server, gateway(serving(server.address, tmp_path / "answers.sqlite", rpm=1200)) as address:
        began = time.monotonic()
        assert asked_by_two(address, 30) == ["", ""]
        assert time.monotonic() - began >= (60 - 20 - 1) / 20
        assert server.counts.requests == 60


def test_the_concurrency_is_one_for_all_workers(tmp_path: Path) -> None:
    with running(Faults(latency=0.01)) as server, gateway(serving(server.address, tmp_path / "answers.sqlite", max_in_flight=5)) as address:
        assert asked_by_two(address, 50) == ["", ""]
        assert server.counts.peak == 5


def test_a_workers_budget_that_is_counted_in_a_ledger_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """The ledger is the gateway's: counted here it would never be spent."""
    with running() as server, gateway(serving(server.address, tmp_path / "answers.sqlite")) as address:
        with pytest.raises(ServingStopped, match="give budget_tokens or budget_usd to the gateway"):
            serving(address, tmp_path / "worker.sqlite", budget_tokens=10_000, run="nightly").generate_from_input(["q"])
        with pytest.raises(ServingStopped, match="the budget of 30 tokens is spent"):
            serving(address, tmp_path / "worker.sqlite", budget_tokens=TOKENS_A_CALL, max_in_flight=1).generate_from_input(["a", "b", "c"])


def weighed(by: Serving, given: GivenText) -> Weighed:
    async def ask() -> Weighed:
        async with by.session() as session:
            return await session.log_probabilities(given)

    return asyncio.run(ask())


def test_log_probabilities_pass_through_unchanged_and_are_kept(tmp_path: Path) -> None:
    given = GivenText(" of a cat on a mat", context="A picture")
    with echo_server.running() as server, gateway(serving(server.address, tmp_path / "answers.sqlite")) as address:
        behind = weighed(serving(address, None), given)
        asked = len(server.bodies)
        direct = weighed(serving(server.address, tmp_path / "answers.sqlite"), given)
        assert len(server.bodies) == asked
    assert isinstance(behind, TokenLogProbabilities)
    assert isinstance(direct, TokenLogProbabilities)
    assert (behind.values, behind.prompt_tokens) == (direct.values, direct.prompt_tokens)
    assert direct.cached


def test_a_server_without_log_probabilities_stops_the_worker_with_its_remedy(tmp_path: Path) -> None:
    with echo_server.running(echoes=False) as server, gateway(serving(server.address, tmp_path / "answers.sqlite")) as address:
        asking = serving(address, None)
        with pytest.raises(ServingStopped, match="gives no log-probabilities of a given text"):
            weighed(asking, GivenText("text"))


def vectors_of(address: str, folder: Path, **settings: Any) -> Embeddings:
    chosen = EmbeddingSettings(base_url=address, model="small", retry_seconds=0.01, **settings)
    return Embeddings(OpenAICompatibleEmbeddings(chosen), chosen, folder / "vectors.sqlite", folder / "answers.sqlite")


def test_vectors_are_the_same_to_the_last_bit_computed_once_and_written_down_once(tmp_path: Path) -> None:
    texts = [f"text {index}" for index in range(100)]
    with embedding_server.running() as server:
        server.latency = 0.02
        upstream = vectors_of(server.address, tmp_path / "gateway")
        with gateway(serving(server.address, None), embeddings=ServedEmbeddings(upstream, "small")) as address:

            def work(name: str) -> Any:
                with usage_label("demo", name):
                    return vectors_of(address, tmp_path / name, texts_per_request=10).embed(texts)

            with ThreadPoolExecutor(2) as pool:
                one, two = pool.map(work, ("one", "two"))
        assert set(server.embedded.values()) == {1}
        direct = vectors_of(server.address, tmp_path / "direct").embed(texts)
    assert np.array_equal(one, direct)
    assert np.array_equal(two, direct)
    with closing(sqlite3.connect(tmp_path / "gateway" / "answers.sqlite")) as ledger:
        rows = ledger.execute("SELECT pipeline, sum(texts) FROM usage GROUP BY pipeline").fetchall()
    assert rows == [("demo", 100)]
    assert not (tmp_path / "one" / "answers.sqlite").exists()


def test_a_text_that_has_no_vector_is_set_aside_alone(tmp_path: Path) -> None:
    with embedding_server.running() as server:
        server.refused_text = "bad"
        upstream = vectors_of(server.address, tmp_path / "gateway")
        with gateway(serving(server.address, None), embeddings=ServedEmbeddings(upstream, "small")) as address:
            asking = vectors_of(address, tmp_path / "worker")
            with pytest.raises(TextsRefused) as refused:
                asking.embed(["good", "bad", "better"])
    assert set(refused.value.reasons) == {1}
    assert "input cannot be taken" in refused.value.reasons[1]


def test_a_gateway_that_closes_finishes_what_it_has_sent_and_tells_the_others_to_come_again(tmp_path: Path) -> None:
    kept = tmp_path / "answers.sqlite"
    with running(Faults(latency=0.5)) as server:
        outcomes: list[Any] = []
        with gateway(serving(server.address, kept, max_in_flight=3)) as address:
            asking = serving(address, None, retries=0)
            worker = threading.Thread(target=lambda: outcomes.append(asking.generate_from_input([f"q {index}" for index in range(40)])))
            worker.start()
            while server.counts.requests < 3:
                time.sleep(0.005)
        worker.join()
    [answers] = outcomes
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    assert all(failure.kind == "unavailable" for failure in failures)
    assert 3 <= len(answers) - len(failures) == server.counts.requests < 40
    with closing(sqlite3.connect(kept)) as file:
        assert file.execute("SELECT count(*) FROM answers").fetchone() == (server.counts.requests,)
