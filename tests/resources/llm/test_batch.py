"""Requests in batches: gathered, answered once, found again after a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from operators import Input, Output
from operators.asking.answers import Answer, Completion, Failure, ServingStopped, Usage
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Request
from operators.core.llm import LLMEvaluate
from resources.llm.backends.batch import BatchServing, BatchSettings
from resources.llm.backends.batch.journal import BatchJournal
from resources.llm.settings.language_model import LLMSettings
from tests.resources.llm.batch_server import BatchFaults, BatchServer, running

ROOT = Path(__file__).parents[3]
QUICK = BatchSettings(requests=100, quiet_seconds=0.2, poll_seconds=0.02, poll_seconds_most=0.05)


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., BatchServing]:
    def make(server: BatchServer, batch: BatchSettings = QUICK, **settings: object) -> BatchServing:
        chosen = LLMSettings.model_validate({"base_url": server.address, "model": "mock", "retry_seconds": 0.01, "retries": 2, **settings})
        return BatchServing(chosen, batch, tmp_path / "answers.sqlite")

    return make


def ask(serving: BatchServing, prompts: list[str]) -> tuple[list[Answer], Usage]:
    async def answers() -> tuple[list[Answer], Usage]:
        async with serving.session() as session:
            return [answer async for answer in session.stream([Request.of(prompt) for prompt in prompts])], session.usage

    return asyncio.run(answers())


def texts(answers: list[Answer]) -> list[str]:
    return [answer.text if isinstance(answer, Completion) else f"{answer.kind}: {answer.message}" for answer in answers]


def open_batches(tmp_path: Path) -> list[tuple[str | None]]:
    with sqlite3.connect(tmp_path / "batches.sqlite") as journal:
        return journal.execute("SELECT batch_id FROM batches").fetchall()


def prompts(count: int) -> list[str]:
    return [f"question {number}" for number in range(count)]


def test_requests_are_gathered_into_full_batches_and_answered_in_their_order(serving: Callable[..., BatchServing], tmp_path: Path) -> None:
    with running() as server:
        answers, usage = ask(serving(server), [*prompts(250), "question 3"])
        assert texts(answers) == [f"answer to question {number}" for number in [*range(250), 3]]
        assert sorted(server.sizes) == [50, 100, 100]
        assert (usage.calls, usage.cached, usage.prompt_tokens) == (250, 1, 250 * 7)
        assert open_batches(tmp_path) == []

        answers, usage = ask(serving(server), prompts(250))
        assert (usage.calls, usage.cached, len(server.batches)) == (0, 250, 3)


class Question(PromptTemplate[str]):
    user = "{{ text }}"


class Answering(LLMEvaluate):
    """Ask the text itself."""

    input_text = Input(str)
    output_answer = Output(str, "answer")

    prompt: PromptTemplate[str] = Question()


def test_the_rows_of_a_stage_travel_in_full_batches_and_come_back_in_their_order(serving: Callable[..., BatchServing]) -> None:
    with running() as server:
        report = Answering().run(pa.table({"text": prompts(300)}), resources={"llm": serving(server)})
        assert report.table["answer"].to_pylist() == [f"answer to question {number}" for number in range(300)]
        assert server.sizes == [100, 100, 100]
        assert report.usage["llm"].calls == 300


def test_a_batch_is_never_larger_than_the_provider_takes(serving: Callable[..., BatchServing]) -> None:
    with running() as server:
        small = QUICK.model_copy(update={"megabytes": 0.01})
        answers, _ = ask(serving(server, small), prompts(100))
        assert texts(answers) == [f"answer to question {number}" for number in range(100)]
        assert len(server.sizes) > 2
        assert all(len(server.files[batch["input_file_id"]]) <= 10_000 for batch in server.batches.values())


def test_a_pipeline_that_waits_for_its_answers_does_not_wait_for_a_batch_to_fill(serving: Callable[..., BatchServing]) -> None:
    with running() as server:

        async def one_after_the_other() -> list[Answer]:
            async with serving(server).session() as session:
                return [await session.generate(Request.of(prompt)) for prompt in prompts(2)]

        assert texts(asyncio.run(one_after_the_other())) == ["answer to question 0", "answer to question 1"]
        assert server.sizes == [1, 1]


def test_a_refused_line_fails_alone_and_one_that_can_pass_is_sent_again(serving: Callable[..., BatchServing]) -> None:
    with running(BatchFaults(refuse={"question 1": 400, "question 2": 500})) as server:
        answers, usage = ask(serving(server), prompts(4))
        assert isinstance(answers[1], Failure)
        assert (answers[1].kind, answers[1].attempts) == ("bad_request", 1)
        assert "no answer to question 1" in answers[1].message
        assert texts([answers[0], *answers[2:]]) == ["answer to question 0", "answer to question 2", "answer to question 3"]
        assert (server.sizes, usage.retried) == ([4, 1], 1)


def test_what_an_expired_batch_did_not_reach_is_sent_again_and_what_it_did_is_kept(serving: Callable[..., BatchServing]) -> None:
    with running(BatchFaults(expire_after=6)) as server:
        answers, _ = ask(serving(server), prompts(10))
        assert texts(answers) == [f"answer to question {number}" for number in range(10)]
        assert server.sizes == [10, 4]
        assert set(server.answered.values()) == {1}


def test_a_batch_that_does_not_validate_fails_its_requests_with_the_servers_reason(serving: Callable[..., BatchServing], tmp_path: Path) -> None:
    with running(BatchFaults(fail_validation=True)) as server:
        answers, _ = ask(serving(server), prompts(2))
        assert all("Line 1 is not what it should be" in text for text in texts(answers))
        assert open_batches(tmp_path) == []


def test_a_refused_key_stops_at_once_without_showing_it(serving: Callable[..., BatchServing]) -> None:
    with running(BatchFaults(api_key="right")) as server, pytest.raises(ServingStopped, match="refused the key") as caught:
        ask(serving(server, api_key="wrong-key-123"), prompts(2))
    assert "wrong-key-123" not in str(caught.value)


def test_when_the_answer_to_a_creation_is_lost_the_batch_is_looked_for_instead_of_created_again(serving: Callable[..., BatchServing]) -> None:
    with running(BatchFaults(lose_creations=1)) as server:
        answers, _ = ask(serving(server), prompts(5))
        assert texts(answers) == [f"answer to question {number}" for number in range(5)]
        assert server.sizes == [5]


def test_a_batch_whose_answers_nobody_asks_for_any_more_is_kept_in_the_cache(serving: Callable[..., BatchServing], tmp_path: Path) -> None:
    with running(BatchFaults(held=True)) as server:

        async def interrupted() -> None:
            async with serving(server).session() as session:
                task = asyncio.ensure_future(session.generate(Request.of("question 0")))
                while not server.batches:
                    await asyncio.sleep(0.01)
                task.cancel()
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            asyncio.run(interrupted())
        assert len(open_batches(tmp_path)) == 1
        server.faults.held = False
        while server.batches["batch_0"]["status"] != "completed":
            time.sleep(0.01)
        answers, usage = ask(serving(server), ["another question"])
        assert (texts(answers), usage.calls) == (["answer to another question"], 1)
        assert open_batches(tmp_path) == []
        answers, usage = ask(serving(server), ["question 0"])
        assert (texts(answers), usage.cached) == (["answer to question 0"], 1)
        assert server.sizes == [1, 1]


def test_a_batch_that_cannot_be_asked_for_stops_the_run_instead_of_being_sent_again(serving: Callable[..., BatchServing], tmp_path: Path) -> None:
    with running(BatchFaults(api_key="right", held=True)) as server:
        impatient = QUICK.model_copy(update={"unreachable_seconds": 0.0})

        async def key_withdrawn() -> None:
            async with serving(server, impatient, api_key="right").session() as session:
                task = asyncio.ensure_future(session.generate(Request.of("question 0")))
                while not open_batches(tmp_path) or not open_batches(tmp_path)[0][0]:
                    await asyncio.sleep(0.01)
                server.faults.api_key = "another"
                await task

        with pytest.raises(ServingStopped, match="The batch goes on at the server: run again, and it is found"):
            asyncio.run(key_withdrawn())

        async def asked_late() -> None:
            async with serving(server, impatient, api_key="right").session() as session:
                await asyncio.sleep(0.2)
                await session.generate(Request.of("question 0"))

        with pytest.raises(ServingStopped, match="The batch goes on at the server"):
            asyncio.run(asked_late())
        server.faults.api_key, server.faults.held = "right", False
        answers, _ = ask(serving(server, api_key="right"), prompts(1))
        assert (texts(answers), server.sizes) == (["answer to question 0"], [1])


CHILD = """
import asyncio, sys
from pathlib import Path
from operators.asking.requests import Request
from resources.llm.backends.batch import BatchServing, BatchSettings
from resources.llm.backends.batch.journal import BatchJournal
from resources.llm.backends.batch.client import BatchClient
from resources.llm.settings.language_model import LLMSettings

address, folder, where = sys.argv[1:]
create = BatchClient.create

async def created_and_never_told(self, token, file_id, window):
    await create(self, token, file_id, window)
    print("created", flush=True)
    await asyncio.sleep(60)

if where == "before the answer":
    BatchClient.create = created_and_never_told

async def main():
    settings = LLMSettings(base_url=address, model="mock")
    batch = BatchSettings(requests=100, quiet_seconds=0.05, poll_seconds=0.02, poll_seconds_most=0.05)
    async with BatchServing(settings, batch, Path(folder) / "answers.sqlite").session() as session:
        async for answer in session.stream([Request.of(f"question {number}") for number in range(20)]):
            pass

asyncio.run(main())
"""


@pytest.mark.parametrize("where", ["before the answer", "while it is computed"])
def test_a_batch_is_found_again_after_a_kill_and_nothing_is_paid_twice(where: str, serving: Callable[..., BatchServing], tmp_path: Path) -> None:
    with running(BatchFaults(held=True)) as server:
        process = subprocess.Popen([sys.executable, "-c", CHILD, server.address, str(tmp_path), where], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        if where == "before the answer":
            assert process.stdout.readline() == "created\n"
        else:
            deadline = time.monotonic() + 120
            while not any(batch_id for (batch_id,) in open_batches(tmp_path)) if server.batches else True:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert open_batches(tmp_path) == [(None,) if where == "before the answer" else ("batch_0",)]

        server.faults.held = False
        answers, usage = ask(serving(server), prompts(25))
        assert texts(answers) == [f"answer to question {number}" for number in range(25)]
        assert sum(server.sizes) == 25
        assert set(server.answered.values()) == {1}
        assert usage.calls == 25, "answers of a batch that was found again count as paid, once"
        assert open_batches(tmp_path) == []


def test_without_a_cache_or_a_server_batches_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no Batch API"):
        BatchServing(LLMSettings(), QUICK, tmp_path / "answers.sqlite")
    with pytest.raises(ValueError, match="cache: true"):
        BatchServing(LLMSettings(base_url="http://127.0.0.1:1", cache=False), QUICK, tmp_path / "answers.sqlite")


def test_a_journal_is_not_closed_under_a_write_of_another_thread(tmp_path: Path) -> None:
    """SQLite takes the whole process down where it is."""
    for number in range(10):
        path = tmp_path / f"{number}.sqlite"
        journal = BatchJournal(path, "server")
        with ThreadPoolExecutor(4) as threads:
            writes = [threads.submit(journal.begin, [f"{number}-{write}".encode()]) for write in range(40)]
            writes[0].result()
            journal.close()
        refused = [write.exception() for write in writes if write.exception() is not None]
        assert all(isinstance(error, ServingStopped) for error in refused)
        reopened = BatchJournal(path, "server")
        written = {batch.token for batch in reopened.left_behind()}
        assert written == {write.result() for write in writes if write.exception() is None}
        reopened.close()
