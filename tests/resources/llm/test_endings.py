"""Only a whole answer is an answer, whether or not JSON was asked for, and only such a one is kept. The others are set aside with the true reason."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from operators.asking.answers import Answer, Completion, Failure
from operators.asking.requests import Request
from resources.llm.answers.endings import ending_of
from resources.llm.answers.reply import Reply
from resources.llm.answers.request_key import RequestKeys
from resources.llm.engine.accounting import answer_of
from resources.llm.engine.serving import Serving
from tests.resources.llm.conftest import MakeServing
from tests.resources.llm.scripted_server import ScriptedServer, completion, http, running

SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"], "additionalProperties": False}

TRUNCATED = (
    *("length", "max_tokens", "MAX_TOKENS", "maxTokens", "max_output_tokens", "model_length", "FinishReason.MAX_TOKENS", "token_limit"),
    *("FINISH_REASON_MAX_TOKENS", "Length", " length ", "model_context_window_exceeded", "incomplete", "max tokens", "MODEL_LENGTH"),
)
FILTERED = (
    *("content_filter", "SAFETY", "safety", "RECITATION", "PROHIBITED_CONTENT", "refusal", "BLOCKLIST", "SPII", "content_filtered"),
    *("guardrail_intervened", "IMAGE_SAFETY", "contentFilter", "FinishReason.SAFETY"),
)
BROKEN = ("error", "ERROR", "abort", "OTHER", "insufficient_system_resource", "MALFORMED_FUNCTION_CALL", "tool_calls", "something nobody knows")
WHOLE = ("stop", "STOP", "end_turn", "stop_sequence", "eos_token", "COMPLETE", "FinishReason.STOP", "FINISH_REASON_STOP", "eos")
KIND = {"truncated": TRUNCATED, "filtered": FILTERED, "malformed": BROKEN}


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    with ExitStack() as stack:
        yield lambda said: stack.enter_context(running(otherwise=said))


def ask(serving: Serving, **settings: Any) -> Answer:
    return serving.generate_from_input(["a question"], **settings)[0]


@pytest.mark.parametrize(("kind", "reason"), [(kind, reason) for kind, reasons in KIND.items() for reason in reasons])
def test_a8_an_ending_in_any_spelling_is_understood(kind: str, reason: str) -> None:
    for text in ("half a sentence that", '{"score": 1}'):
        for schema in (None, SCHEMA):
            answer = answer_of(Request.of("q", json_schema=schema), Reply(text, "m", 1, 1, reason), cached=False)
            assert isinstance(answer, Failure), answer
            assert answer.kind == kind


@pytest.mark.parametrize("reason", WHOLE)
def test_a8_an_answer_that_ended_by_itself_is_whole(reason: str) -> None:
    assert ending_of(reason) == "whole"
    assert isinstance(answer_of(Request.of("q"), Reply("done", "m", 1, 1, reason), cached=False), Completion)


UNUSABLE: dict[str, tuple[dict[str, Any], str]] = {
    "empty": (completion(""), "malformed"),
    "blank": (completion(" \n\t"), "malformed"),
    "null": (completion(None), "malformed"),
    "null and cut": (completion(None, "length"), "truncated"),
    "no parts": (completion([]), "malformed"),
    "a picture alone": (completion([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]), "malformed"),
    "a refusal with an empty text": (completion("", message={"refusal": "I will not."}), "filtered"),
    "a refusal with null": (completion(None, message={"refusal": "I will not."}), "filtered"),
    "a refusal beside text": (completion("Well,", message={"refusal": "I will not."}), "filtered"),
    "a refusal as a part": (completion([{"type": "refusal", "refusal": "I will not."}]), "filtered"),
    "a tool instead of an answer": (completion(None, "tool_calls", message={"tool_calls": [{"id": "1"}]}), "malformed"),
    "cut": (completion("half a sent", "length"), "truncated"),
    "cut, as Anthropic says it": (completion("half a sent", "max_tokens"), "truncated"),
    "cut, as Gemini says it": (completion("half a sent", "MAX_TOKENS"), "truncated"),
    "cut, as Mistral says it": (completion("half a sent", "model_length"), "truncated"),
    "withheld": (completion("half", "content_filter"), "filtered"),
    "withheld, as Gemini says it": (completion("", "SAFETY"), "filtered"),
    "failed": (completion("half a sent", "error"), "malformed"),
    "thinking that took all tokens": (completion("", "length", message={"reasoning_content": "hm, hm"}), "truncated"),
    "thinking alone": (completion(None, message={"reasoning": "hm"}), "malformed"),
}


@pytest.mark.parametrize("case", UNUSABLE)
@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["text", "json"])
def test_a8_what_is_no_whole_answer_is_a_failure_and_is_asked_for_again_by_the_next_run(
    case: str, schema: dict[str, Any] | None, serve: Callable[..., ScriptedServer], make_serving: MakeServing
) -> None:
    said, kind = UNUSABLE[case]
    server = serve(http(200, said))
    first = ask(make_serving(server.address), json_schema=schema)
    assert isinstance(first, Failure)
    assert first.kind == kind
    server.otherwise = http(200, completion('{"score": 3}'))
    second = ask(make_serving(server.address), json_schema=schema)
    assert isinstance(second, Completion)
    assert (second.text, second.cached) == ('{"score": 3}', False)
    third = ask(make_serving(server.address), json_schema=schema)
    assert isinstance(third, Completion)
    assert third.cached


def test_a8_a_cut_or_withheld_answer_is_paid_once_and_an_empty_one_tried_again(
    serve: Callable[..., ScriptedServer], make_serving: MakeServing, tmp_path: Path
) -> None:
    for said, calls in ((completion("half", "length"), 1), (completion("", "content_filter"), 1), (completion(""), 3)):
        server = serve(http(200, said))
        answer = ask(make_serving(server.address))
        assert isinstance(answer, Failure)
        assert (answer.attempts == calls or calls == 1, server.asked.total()) == (True, calls)
    with sqlite3.connect(tmp_path / "answers.sqlite") as file:
        assert file.execute("SELECT count(*) FROM answers").fetchone() == (0,)
        assert file.execute("SELECT sum(calls), sum(completion_tokens) FROM usage").fetchone() == (5, 15)


OLD = """
CREATE TABLE answers (
    key BLOB NOT NULL UNIQUE, text TEXT NOT NULL, model TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    finish_reason TEXT NOT NULL, seconds REAL NOT NULL, answered_at REAL NOT NULL);
PRAGMA user_version=3
"""


@pytest.mark.parametrize("layout", [3, 4])
@pytest.mark.parametrize(
    ("text", "reason", "served"),
    [
        ("half a sent", "length", None),
        ("half a sent", "MAX_TOKENS", None),
        ("", "stop", None),
        ("no", "content_filter", None),
        ("<think>hm", "stop", None),
        ("<think>hm</think>\n\n42", "stop", "42"),
        ("42", "stop", "42"),
        ("42", "end_turn", "42"),
    ],
)
def test_a8_an_old_cache_serves_no_cut_answer(
    layout: int,
    text: str,
    reason: str,
    served: str | None,
    serve: Callable[..., ScriptedServer],
    make_serving: MakeServing,
    tmp_path: Path,
) -> None:
    server = serve(http(200, completion("fresh")))
    serving = make_serving(server.address)
    if layout == 4:
        serving.generate_from_input(["another question"])
    with sqlite3.connect(tmp_path / "answers.sqlite") as file:
        if layout == 3:
            file.executescript(OLD)
        from operators.asking.requests import Sampling

        key = RequestKeys({"base_url": f"{server.address}/v1", "extra_body": {}}, "mock").of(Request.of("a question", sampling=Sampling()))
        columns = "key, text, model, prompt_tokens, completion_tokens, finish_reason, seconds, answered_at"
        file.execute(f"INSERT INTO answers ({columns}) VALUES (?, ?, 'mock', 1, 1, ?, 0.1, 0)", (key, text, reason))
    before = server.asked.total()
    for attempt in range(2):
        answer = ask(make_serving(server.address))
        assert isinstance(answer, Completion)
        assert answer.text == (served or "fresh")
        assert answer.cached == (served is not None or attempt == 1)
    assert server.asked.total() - before == (1 if served is None else 0)
