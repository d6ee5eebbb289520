"""A gateway in a thread of the test, and what stands in front of and behind it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from operators.asking.answers import ServingStopped
from resources.gateway.application import Gateway
from resources.gateway.served_embeddings import ServedEmbeddings
from resources.gateway.served_model import ServedModel
from resources.gateway.settings import GatewaySettings
from resources.llm import LLMSettings
from resources.llm.backends.openai_compatible import OpenAICompatibleBackend
from resources.llm.engine.serving import Serving

QUICK: dict[str, Any] = {"model": "mock", "retry_seconds": 0.01, "retry_seconds_most": 0.05, "retries": 2, "timeout": 5.0, "retry_after_most": 0.0}


def serving(address: str, cache: Path | None, **settings: Any) -> Serving:
    chosen = LLMSettings(**{"base_url": address, **QUICK, **settings})
    return Serving(OpenAICompatibleBackend(chosen), chosen, cache)


@contextmanager
def gateway(*servings: Serving, embeddings: ServedEmbeddings | None = None, **settings: Any) -> Iterator[str]:
    """Its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    served = Gateway([ServedModel(each) for each in servings], embeddings, GatewaySettings(port=0, **settings))
    runner = asyncio.run_coroutine_threadsafe(_start(served), loop).result(10)
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(_stop(served, runner), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(served: Gateway) -> web.AppRunner:
    runner = web.AppRunner(served.application, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await served.open()
    except ServingStopped:
        await _stop(served, runner)
        raise
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def _stop(served: Gateway, runner: web.AppRunner) -> None:
    await served.close()
    await runner.cleanup()
