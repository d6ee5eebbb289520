"""What the gateway says when there is no answer: errors as OpenAI writes them, with codes that keep their meaning (gateway_words.py)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from operators.asking.answers import Failure, ServingStopped
from resources.llm.answers.gateway_words import ERROR_TYPE, REFUSALS, code_of_kind, code_of_stop
from resources.llm.engine.caller import KEPT

_NO_RETRY = {"x-should-retry": "false"}
"""OpenAI's own clients try 429 and 5xx again; the gateway has done so already."""


def of_failure(failure: Failure) -> web.Response:
    return _refused(code_of_kind(failure.kind), failure.message)


def of_stop(stop: ServingStopped) -> web.Response:
    return _refused(code_of_stop(stop), str(stop).removesuffix(KEPT).rstrip())


def of_request(message: str) -> web.Response:
    """Its own fault: asking it again, or in another manner, would not help."""
    return _refused("invalid_request", message)


def of_model(name: str, served: list[str], variable: str = "DATAFLOW_LLM_MODEL") -> web.Response:
    return _refused("model_missing", f"the gateway serves {', '.join(served)}, not {name[:200]!r}: set {variable} to it, or leave it out.")


def of_gateway(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """Of the gateway's own state or rules, in words that every client of the protocol knows."""
    return web.json_response(_error(message, "gateway_error", code), status=status, headers=headers)


def busy(message: str) -> web.Response:
    """The same request may be asked again soon."""
    return of_gateway(503, "overloaded", message, {"Retry-After": "1"})


def _refused(code: str, message: str) -> web.Response:
    return web.json_response(_error(message, ERROR_TYPE, code), status=REFUSALS[code].status, headers=_NO_RETRY)


def _error(message: str, kind: str, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": kind, "param": None}}
