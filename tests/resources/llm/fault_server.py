"""An OpenAI-compatible server for tests and benchmarks, with the faults of real ones. It counts what it was asked.

`python -m tests.resources.llm.fault_server --latency 0.1` runs it alone: it prints its address, and GET /counts tells what was counted.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from aiohttp import web


@dataclass(slots=True)
class Faults:
    """Shares are of all requests, drawn in this order: unavailable, rate limited, reset, malformed, stalled."""

    latency: float = 0.0
    unavailable: float = 0.0
    rate_limited: float = 0.0
    retry_after: str = "0.05"
    reset: float = 0.0
    malformed: float = 0.0
    stalled: float = 0.0
    stall_seconds: float = 60.0
    capacity: int | None = None
    """More requests at once than this are refused with 503."""
    api_key: str | None = None
    always_status: int | None = None
    always_message: str = "no"
    failing_text: str = ""
    """Questions that hold this text are refused with 400 and `failing_message`."""
    failing_message: str = "no"
    finish_reason: str = "stop"
    knows_json_schema: bool = True
    knows_json_object: bool = True
    takes_max_tokens: bool = True
    reports_usage: bool = True
    models: tuple[str, ...] = ("mock",)
    seed: int = 1


@dataclass(slots=True)
class Counts:
    requests: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    """Whole answers sent, by the text of the last message."""
    statuses: Counter[int] = field(default_factory=Counter)
    in_flight: int = 0
    peak: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    """The last requests."""


class FaultServer:
    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.counts = Counts()
        self.address = ""
        self._random = random.Random(self.faults.seed)

    def application(self) -> web.Application:
        application = web.Application()
        application.add_routes([web.post("/v1/chat/completions", self._chat), web.get("/v1/models", self._models), web.get("/counts", self._tell)])
        return application

    async def start(self) -> web.AppRunner:
        runner = web.AppRunner(self.application(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return runner

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        counts, faults = self.counts, self.faults
        counts.requests += 1
        counts.in_flight += 1
        counts.peak = max(counts.peak, counts.in_flight)
        try:
            body = await request.json()
            counts.bodies = [*counts.bodies[-19:], body]
            refusal = self._refusal(request, body) or await self._fault(request)
            if refusal is not None:
                counts.statuses[refusal.status] += 1
                return refusal
            await asyncio.sleep(faults.latency)
            counts.statuses[200] += 1
            counts.answered[str(body["messages"][-1]["content"])] += 1
            return web.json_response(self._completion(body))
        finally:
            counts.in_flight -= 1

    def _refusal(self, request: web.Request, body: dict[str, Any]) -> web.Response | None:
        """What a server says no to, for a reason of the request or of its own state."""
        faults = self.faults
        sent = request.headers.get("Authorization", "")
        if faults.api_key is not None and sent != f"Bearer {faults.api_key}":
            return _error(401, f"Incorrect API key provided: {sent}. You can find your key elsewhere.")
        if faults.always_status is not None:
            return _error(faults.always_status, faults.always_message)
        if faults.failing_text and faults.failing_text in json.dumps(body.get("messages")):
            return _error(400, faults.failing_message)
        if faults.capacity is not None and self.counts.in_flight > faults.capacity:
            return _error(503, "the server is overloaded")
        kind = body.get("response_format", {}).get("type")
        if (kind == "json_schema" and not faults.knows_json_schema) or (kind == "json_object" and not faults.knows_json_object):
            return _error(400, f"response_format.type: unknown value {kind}")
        if "max_tokens" in body and not faults.takes_max_tokens:
            return _error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        return None

    async def _fault(self, request: web.Request) -> web.Response | None:
        faults, draw = self.faults, self._random.random()
        for kind in ("unavailable", "rate_limited", "reset", "malformed", "stalled"):
            draw -= getattr(faults, kind)
            if draw < 0:
                break
        else:
            return None
        if kind == "unavailable":
            return _error(503, "busy")
        if kind == "rate_limited":
            return _error(429, "slow down", {"Retry-After": faults.retry_after})
        if kind == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=499)
        if kind == "malformed":
            return web.Response(text='{"choices": [{"mess', content_type="application/json")
        await asyncio.sleep(faults.stall_seconds)
        return None

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = answer_to(body)
        completion = {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [{"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": self.faults.finish_reason}],
        }
        return completion | ({"usage": {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}} if self.faults.reports_usage else {})

    async def _models(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request, {})
        return refusal or web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in self.faults.models]})

    async def _tell(self, request: web.Request) -> web.Response:
        counts = self.counts
        return web.json_response({"requests": counts.requests, "peak": counts.peak, "answered": counts.answered, "statuses": counts.statuses})


def answer_to(body: dict[str, Any]) -> str:
    """The same question has the same answer."""
    digest = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()
    wants_json = "response_format" in body or "Answer only with JSON" in str(body["messages"][-1]["content"])
    return json.dumps({"score": int(digest[:4], 16) % 6, "reason": digest[4:20]}) if wants_json else f"answer {digest[:16]}"


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "error"}}, status=status, headers=headers)


@contextmanager
def running(faults: Faults | None = None) -> Iterator[FaultServer]:
    """The server in a thread of this process, on a free port of the loopback interface."""
    server = FaultServer(faults)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_stop(runner), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(runner: web.AppRunner) -> None:
    current = asyncio.current_task()
    for task in asyncio.all_tasks():
        if task is not current:
            task.cancel()
    await runner.cleanup()


async def _serve(faults: Faults) -> None:
    server = FaultServer(faults)
    await server.start()
    print(server.address, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for each in fields(Faults):
        if isinstance(each.default, float | int | str) and not isinstance(each.default, bool):
            parser.add_argument(f"--{each.name.replace('_', '-')}", type=type(each.default), default=each.default)
    parser.add_argument("--capacity", type=int)
    asyncio.run(_serve(Faults(**vars(parser.parse_args()))))
