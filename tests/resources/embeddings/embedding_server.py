"""An OpenAI-compatible /v1/embeddings for tests. The vector of a text is drawn from the text; the answers come in another order than the texts."""

from __future__ import annotations

import asyncio
import base64
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import web

DIMENSIONS = 8


@dataclass(slots=True)
class EmbeddingServer:
    address: str = ""
    statuses: list[int] = field(default_factory=list)
    """What the next requests are answered with, instead of vectors."""
    refused_text: str | None = None
    as_base64: bool = False
    latency: float = 0.0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    embedded: Counter[str] = field(default_factory=Counter)
    peak: int = 0
    in_flight: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        await asyncio.sleep(self.latency)
        self.in_flight -= 1
        if self.statuses:
            status = self.statuses.pop(0)
            said = f"no, {request.headers.get('Authorization')}"
            return web.json_response({"error": {"message": said}}, status=status, headers={"Retry-After": "0.01"})
        if self.refused_text in body["input"] or "" in body["input"]:
            return web.json_response({"error": {"message": "input cannot be taken"}}, status=400)
        self.embedded.update(body["input"])
        entries = [{"object": "embedding", "index": index, "embedding": self._vector(text)} for index, text in enumerate(body["input"])]
        random.Random(0).shuffle(entries)
        return web.json_response({"object": "list", "data": entries, "model": body["model"], "usage": {"prompt_tokens": 3 * len(entries)}})

    def _vector(self, text: str) -> Any:
        values = vector_of(text)
        return base64.b64encode(values.astype("<f4").tobytes()).decode() if self.as_base64 else [float(value) for value in values]


async def _models(request: web.Request) -> web.Response:
    return web.json_response({"data": [{"id": "small"}]})


def vector_of(text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Not of unit length."""
    return np.random.default_rng(list(text.encode())).normal(size=DIMENSIONS) * 3


@contextmanager
def running() -> Iterator[EmbeddingServer]:
    server, loop, started = EmbeddingServer(), asyncio.new_event_loop(), threading.Event()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        application = web.Application(client_max_size=1 << 26)
        application.add_routes([web.post("/v1/embeddings", server.answer), web.get("/v1/models", _models)])
        runner = web.AppRunner(application, access_log=None)
        loop.run_until_complete(runner.setup())
        loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
        server.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    started.wait(60)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
