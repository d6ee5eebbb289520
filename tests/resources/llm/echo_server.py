"""A server with OpenAI's older /completions, which sends a prompt back with the log-probabilities of its tokens: a model of bigrams of letters.

It tokenises into words with the space before them, as the byte-pair models do, and can show what real servers show: a mark of the start, and bytes
that are no character.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


def tokens_of(text: str) -> list[str]:
    return re.findall(r"\s*\S+|\s+$", text)


def value_of(token: str, before: str) -> float:
    """The model: depends on the token and the one before it."""
    return -math.log(1 + (sum(map(ord, token)) * 31 + sum(map(ord, before))) % 97)


def values_of(tokens: list[str]) -> list[float]:
    return [value_of(token, before) for before, token in itertools.pairwise(tokens)]


@dataclass(slots=True)
class EchoServer:
    mark: str = ""
    """Put before every prompt, as some tokenisers do."""
    shows_bytes: bool = False
    """Shows characters outside of ASCII as what stands for bytes that are none."""
    echoes: bool = True
    refusals: int = 0
    """How many requests to refuse with 503 first."""
    status: int = 200
    message: str = ""
    address: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def completions(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        if self.refusals:
            self.refusals -= 1
            return web.json_response({"error": {"message": "busy"}}, status=503)
        if self.status != 200:
            return web.json_response({"error": {"message": self.message}}, status=self.status)
        if not self.echoes:
            return web.json_response({"choices": [{"text": " an answer", "logprobs": {"tokens": [" an"], "token_logprobs": [-0.5]}}]})
        tokens = [*([self.mark] if self.mark else []), *tokens_of(body["prompt"])]
        shown = [re.sub(r"[^\x00-\x7f]", "\ufffd\ufffd", token) for token in tokens] if self.shows_bytes else tokens
        logprobs = {"tokens": shown, "token_logprobs": [None, *values_of(tokens)]}
        usage = {"prompt_tokens": len(tokens), "completion_tokens": 0}
        return web.json_response({"choices": [{"text": body["prompt"], "logprobs": logprobs}], "usage": usage})


@contextmanager
def running(**behaviour: Any) -> Iterator[EchoServer]:
    server = EchoServer(**behaviour)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> web.AppRunner:
        application = web.Application()
        application.add_routes([web.post("/v1/completions", server.completions)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        server.address = f"http://{host}:{port}"
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
