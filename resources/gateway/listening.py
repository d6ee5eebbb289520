"""A gateway at work: it listens until it is told to stop, and then finishes what it has paid for."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Callable, Sequence
from typing import TypeAlias

from aiohttp import web

from resources.gateway.application import Gateway
from resources.gateway.served_embeddings import ServedEmbeddings
from resources.gateway.served_model import ServedModel
from resources.gateway.settings import GatewaySettings

_BACKLOG = 4096
_CONNECTIONS = 65_536
_LAST_ANSWERS_SECONDS = 5.0


class CannotListen(Exception):
    """The address is taken, or is none of this machine."""


Ready: TypeAlias = Callable[[str, list[str]], None]


async def listen(models: Sequence[ServedModel], embeddings: ServedEmbeddings | None, settings: GatewaySettings, ready: Ready) -> None:
    """Serve until SIGINT or SIGTERM. `ready` is told the address, such as http://127.0.0.1:8100/v1, and the models, once questions are answered.

    Raises:
        CannotListen: the address cannot be had.
        ServingStopped: a model cannot be served.
    """
    _allow_connections()
    gateway = Gateway(models, embeddings, settings)
    runner = web.AppRunner(gateway.application, access_log=None, handler_cancellation=True, shutdown_timeout=_LAST_ANSWERS_SECONDS)
    await runner.setup()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await gateway.open()
        site = web.TCPSite(runner, settings.host, settings.port, backlog=_BACKLOG)
        try:
            await site.start()
        except OSError as error:
            raise CannotListen(f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}. Choose another --port.") from error
        ready(_address(runner), gateway.names)
        await stop.wait()
        await site.stop()
    finally:
        await gateway.close()
        await runner.cleanup()


def _allow_connections() -> None:
    """Each open question is a connection, which counts as a file: the usual limit of 1,024 would keep workers waiting without a word."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS if most == resource.RLIM_INFINITY else min(_CONNECTIONS, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
