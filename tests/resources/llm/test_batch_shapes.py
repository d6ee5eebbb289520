"""Batches of those who copied OpenAI's Batch API and changed it: each is waited for to its end, sent once, and read whole."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from operators.asking.answers import Completion, Failure, ServingStopped
from resources.llm.answers.reply import BackendError
from resources.llm.answers.request_cache import RequestCache
from resources.llm.backends.batch import BatchServing
from resources.llm.backends.batch.batch_state import phase_of, state_in, states_in
from resources.llm.backends.batch.client import BatchClient
from resources.llm.settings.language_model import LLMSettings
from tests.resources.llm.batch_server import BatchFaults, running
from tests.resources.llm.test_batch import QUICK, ask, open_batches, prompts, serving, texts

__all__ = ["serving"]
ALL = [f"answer to question {number}" for number in range(6)]


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("completed", ["completed", "COMPLETED", "Completed", "JOB_STATE_SUCCEEDED", "SUCCESS", "done", "ended", "BATCH_STATE_SUCCEEDED"]),
        ("failed", ["failed", "FAILED", "error", "JOB_STATE_FAILED"]),
        ("expired", ["expired", "EXPIRED", "TIMEOUT_EXCEEDED", "timedOut"]),
        ("cancelled", ["cancelled", "canceled", "CANCELLED", "Canceled", "aborted"]),
        (
            "under way",
            ["validating", "IN_PROGRESS", "inProgress", "finalizing", "cancelling", "CANCELLATION_REQUESTED", "QUEUED", "job_state_running"],
        ),
        ("unknown", ["", "fried", "almost completed", "not_completed"]),
    ],
)
def test_a_status_is_known_in_any_spelling(phase: str, words: list[str]) -> None:
    assert {word: phase_of(word) for word in words} == dict.fromkeys(words, phase)


@pytest.mark.parametrize("word", ["COMPLETED", "JOB_STATE_SUCCEEDED", "Succeeded"])
def test_a_batch_that_is_completed_in_other_words_is_over(word: str, serving: Callable[..., BatchServing], tmp_path: Path) -> None:
    with running(BatchFaults(spelling={"completed": word, "in_progress": "RUNNING"})) as server:
        answers, usage = ask(serving(server), prompts(6))
        assert (texts(answers), usage.calls, server.sizes) == (ALL, 6, [6])
        assert open_batches(tmp_path) == []


def test_an_unknown_status_is_told_and_not_waited_for_without_end(
    serving: Callable[..., BatchServing], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    impatient = QUICK.model_copy(update={"unreachable_seconds": 0.3})
    with running(BatchFaults(spelling={"completed": "fried"})) as server:
        with caplog.at_level(logging.WARNING), pytest.raises(ServingStopped, match=r"status 'fried', which is none that is known.*it is found"):
            ask(serving(server, impatient), prompts(6))
        assert caplog.text.count("'fried'") == 1
        server.faults.spelling = {}
        answers, _ = ask(serving(server), prompts(6))
        assert (texts(answers), server.sizes) == (ALL, [6])


def test_a_creation_that_is_answered_within_a_field_is_understood(serving: Callable[..., BatchServing]) -> None:
    with running(BatchFaults(within="job")) as server:
        answers, _ = ask(serving(server), prompts(6))
        assert (texts(answers), server.sizes) == (ALL, [6])


@pytest.mark.parametrize("within", ["", "job"])
def test_a_batch_without_an_id_in_the_answer_is_looked_for_and_not_created_again(within: str, serving: Callable[..., BatchServing]) -> None:
    with running(BatchFaults(unreadable_creations=1, within=within)) as server:
        answers, _ = ask(serving(server), prompts(6))
        assert (texts(answers), server.sizes) == (ALL, [6])


def test_a_file_that_is_short_is_downloaded_again(serving: Callable[..., BatchServing]) -> None:
    with running(BatchFaults(short_downloads=1)) as server:
        answers, usage = ask(serving(server), prompts(6))
        assert (texts(answers), usage.calls, server.sizes) == (ALL, 6, [6])


@pytest.mark.parametrize("slow", [False, True], ids=["", "slow disk"])
def test_where_it_stays_short_the_run_stops_and_only_what_is_missing_is_sent_by_the_next(
    slow: bool, serving: Callable[..., BatchServing], monkeypatch: pytest.MonkeyPatch
) -> None:
    if slow:
        commit = RequestCache._commit
        monkeypatch.setattr(RequestCache, "_commit", lambda *given: (time.sleep(0.1), commit(*given)))
    with running(BatchFaults(short_downloads=3)) as server:
        with pytest.raises(ServingStopped, match=r"not every request is in its files.*Run again"):
            ask(serving(server), prompts(6))
        assert server.sizes == [6]
        answers, _ = ask(serving(server), prompts(6))
        assert (texts(answers), server.sizes) == (ALL, [6, 1])


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b'"status_code": 200', b'"status_code": "200"'),
        lambda content: content.replace(b'"status_code": 200, ', b""),
        lambda content: content + content,
        lambda content: b"[]\n7\nnull\n\n" + content,
        lambda content: content + b'{"custom_id": "' + content.split(b'"custom_id": "')[1].split(b'"')[0] + b'", "response": null, "error": null}\n',
    ],
    ids=["BOM and CRLF", "status as text", "no status", "lines twice", "lines that are none", "an answer and an error"],
)
def test_a_file_is_read_as_it_is_meant(edit: Callable[[bytes], bytes], serving: Callable[..., BatchServing]) -> None:
    with running(BatchFaults(edit=edit)) as server:
        answers, usage = ask(serving(server), prompts(6))
        assert (texts(answers), usage.calls, server.sizes) == (ALL, 6, [6])


def test_a_status_of_an_error_as_text_is_an_error(serving: Callable[..., BatchServing]) -> None:
    with running(
        BatchFaults(refuse={"question 1": 400}, edit=lambda content: content.replace(b'"status_code": 400', b'"status_code": "400"'))
    ) as server:
        answers, _ = ask(serving(server), prompts(2))
        assert isinstance(answers[0], Completion)
        assert isinstance(answers[1], Failure)
        assert answers[1].kind == "bad_request"


def test_a_key_in_the_query_of_the_address_reaches_the_server_and_not_the_journal(serving: Callable[..., BatchServing], tmp_path: Path) -> None:
    key = "kq7Zt2Lm9Xw4Rb6Nv1"
    with running() as server:
        answers, _ = ask(serving(server, base_url=f"{server.address}/v1?api-key={key}"), prompts(6))
        assert texts(answers) == ALL
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]


@pytest.mark.parametrize("said", [b"[]", b"null", b"<html>", b'{"object": "list"}', b'{"id": null}', b'{"job": []}'])
def test_what_is_no_batch_is_an_honest_error(said: bytes) -> None:
    with pytest.raises(BackendError):
        state_in(said, "the server")


def test_batches_are_listed_in_each_shape() -> None:
    for said in (b'{"data": [{"id": "a"}], "has_more": true}', b'[{"id": "a"}]', b'{"jobs": [{"id": "a"}, {}]}'):
        found, more = states_in(said, "the server")
        assert ([batch.id for batch in found], more) == (["a"], b"has_more" in said)


def test_no_error_of_a_library_comes_out_raw() -> None:
    client = BatchClient(LLMSettings(base_url="http://127.0.0.1:1", model="m"))
    for error in (AttributeError("'list' object has no attribute 'x'"), ValueError("Expected a non-empty value"), KeyError("id"), TypeError()):
        told = client._error_of(error)
        assert isinstance(told, BackendError)
        assert "object has no attribute" not in told.message
    asyncio.run(client.close())
