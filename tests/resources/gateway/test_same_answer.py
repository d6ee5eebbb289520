"""Behind the gateway everything means what it means without one: answers to the last byte, failures by kind, stops by cause; and it costs no more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from operators.asking.answers import Answer, Completion, ServingStopped, ServingUnreachable
from operators.asking.requests import Request
from resources.llm.engine.serving import Serving
from tests.resources.gateway.running import gateway, serving
from tests.resources.llm.scripted_server import Behaviour, completion, http, running


def error(status: int, message: str = "no", code: str = "", headers: dict[str, str] | None = None) -> bytes:
    return http(status, {"error": {"message": message, "type": "error", "code": code}}, headers)


BEHAVIOURS: dict[str, Behaviour] = {
    "whole": http(200, completion("An answer.\n ")),
    "in another's words": http(200, completion("An answer", finish_reason="end_turn")),
    "with a thought in tags": http(200, completion("<think> hm </think>An answer </think> with a mark")),
    "with a thought apart": http(200, completion("An answer", message={"reasoning_content": "Let me see."})),
    "by another model": http(200, {**completion("An answer"), "model": "mock-2025-01-01"}),
    "cut": http(200, completion("An ans", finish_reason="length")),
    "only thought, and cut": http(200, completion("<think>hm", finish_reason="length")),
    "withheld": http(200, completion("", finish_reason="content_filter")),
    "refused by the model": http(200, completion(None, message={"refusal": "I would rather not."})),
    "empty": http(200, completion("")),
    "an ending that nobody knows": http(200, completion("An answer", finish_reason="bananas")),
    "no JSON": http(200, b"<html>"),
    "no choices": http(200, {"object": "chat.completion"}),
    "error in an answer": http(200, {"error": {"message": "upstream broke", "code": 502}}),
    "row too long": error(400, "maximum context length is 10 tokens", "context_length_exceeded"),
    "row": error(422, "no such thing"),
    "schema complained of": error(400, "invalid schema for response_format"),
    "temperature complained of": error(400, "temperature does not support 0"),
    "flagged": error(403, "your input was flagged", "flagged_input"),
    "busy": error(503, "busy"),
    "broken": error(500, "oops"),
    "too many": error(429, "rate limit", headers={"Retry-After": "0.01"}),
    "closes the connection": [b""],
    "key": error(401, "invalid api key"),
    "account": error(402, "payment required"),
    "quota": error(429, "you exceeded your quota", "insufficient_quota"),
    "model": error(404, "no such model", "model_not_found"),
    "redirect": http(302, b"", {"Location": "http://127.0.0.1:1/v1"}),
}


def told(ask: Serving) -> tuple[Any, ...]:
    """What came of a question, without where it was asked."""

    async def asked() -> Answer:
        async with ask.session() as session:
            return await session.generate(Request.of("q", json_schema={"type": "object", "properties": {}}))

    try:
        answer = asyncio.run(asked())
    except ServingStopped as stop:
        return type(stop).__name__, stop.cause
    if isinstance(answer, Completion):
        return (answer.text, answer.model, answer.prompt_tokens, answer.completion_tokens, answer.finish_reason, answer.reasoning, answer.cached)
    return (answer.kind,)


def texts_of(answers: list[Answer]) -> list[str]:
    return [answer.text for answer in answers if isinstance(answer, Completion)]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_an_outcome_is_the_same_behind_the_gateway_and_asked_no_more_often(name: str, tmp_path: Path) -> None:
    with running({}, BEHAVIOURS[name]) as server:
        direct = told(serving(server.address, tmp_path / "direct.sqlite"))
        asked_directly = sum(server.asked.values())
        with gateway(serving(server.address, tmp_path / "gateway.sqlite")) as address:
            behind = told(serving(address, tmp_path / "worker.sqlite"))
    assert behind == direct
    assert sum(server.asked.values()) == 2 * asked_directly


def test_messages_of_failures_are_those_of_the_server_once(tmp_path: Path) -> None:
    with running({}, error(401, "invalid api key")) as server, gateway(serving(server.address, tmp_path / "gateway.sqlite")) as address:
        with pytest.raises(ServingStopped) as stop:
            serving(address, None).generate_from_input(["q"])
        assert str(stop.value).count("Answers so far are kept") == 1
        assert "refused the key (HTTP 401: invalid api key" in str(stop.value)


def test_a_server_that_is_not_there_is_said_as_that(tmp_path: Path) -> None:
    with gateway(serving("http://127.0.0.1:9", tmp_path / "gateway.sqlite")) as address, pytest.raises(ServingUnreachable, match="cannot be reached"):
        serving(address, None, timeout=20).generate_from_input(["q"])


def test_a_worker_and_a_run_without_a_gateway_share_answers(tmp_path: Path) -> None:
    """Also samples with seeds, and schemas; and the worker keeps none itself, nor writes down what the gateway paid."""
    kept, requests = tmp_path / "answers.sqlite", ["a", "b", "a"]
    schema = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "number"}}}
    drawn: dict[str, Any] = {"json_schema": schema, "n": 3, "temperature": 0.7, "seed": 4}
    with running() as server:
        with gateway(serving(server.address, kept)) as address:
            behind = serving(address, kept).generate_from_input(requests, "Be brief.", **drawn)
        asked = sum(server.asked.values())
        direct = serving(server.address, kept).generate_from_input(requests, "Be brief.", **drawn)
        assert sum(server.asked.values()) == asked == 6
        assert {body["seed"] for body in server.bodies} == {4, 5, 6}
    assert [answer.text for answer in behind if isinstance(answer, Completion)] == [
        answer.text for answer in direct if isinstance(answer, Completion)
    ]
    assert len(texts_of(behind)) == 9


def test_a_question_that_takes_longer_than_a_connection_may_last_is_asked_again_until_it_is_answered(tmp_path: Path) -> None:
    def slow(_: dict[str, Any]) -> list[bytes | float]:
        return [2.5, http(200, completion("late"))]

    with running({}, slow) as server, gateway(serving(server.address, tmp_path / "gateway.sqlite")) as address:
        [answer] = serving(address, None, timeout=1.5).generate_from_input(["q"])
        assert isinstance(answer, Completion)
        assert answer.text == "late"
        assert sum(server.asked.values()) == 1


def test_after_a_stop_the_gateway_still_gives_what_is_kept_and_asks_anew(tmp_path: Path) -> None:
    with running({"secret": error(401, "invalid api key")}) as server, gateway(serving(server.address, tmp_path / "gateway.sqlite")) as address:
        assert len(serving(address, None).generate_from_input(["kept"])) == 1
        with pytest.raises(ServingStopped):
            serving(address, None).generate_from_input(["secret"])
        [kept, other] = serving(address, None).generate_from_input(["kept", "other"])
        assert isinstance(kept, Completion)
        assert kept.cached
        assert isinstance(other, Completion)
