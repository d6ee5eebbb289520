"""One language model behind the gateway: the engine's session that all workers share, and a fresh one after it stopped."""

from __future__ import annotations

import asyncio
from typing import Any

from operators.asking.answers import Failure, ServingStopped
from resources.llm.answers.reply import Asked, Reply
from resources.llm.engine.serving import Serving
from resources.llm.engine.session import Session


class Closing(Exception):
    """The gateway closes: no session is opened any more."""


class ServedModel:
    """Inside one event loop. A session ends with the first refusal that concerns everybody (a refused key, a spent budget); the gateway goes on.

    Whoever asks after that is answered by a new session: the key may have been mended, a day may have a new budget, and what is kept costs nothing.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._session: Session | None = None
        self._holders: dict[Session, tuple[asyncio.Event, asyncio.Task[None]]] = {}
        self._opening = asyncio.Lock()
        self._closed = False
        self.name = serving.settings.model or ""

    @property
    def extra_body(self) -> dict[str, Any]:
        return self._serving.settings.extra_body

    @property
    def server(self) -> str:
        return self._serving.backend.name

    @property
    def caution(self) -> str:
        return "" if self._session is None else self._session.usage.caution

    async def session(self) -> Session:
        """Raises ServingStopped: it cannot be opened. Raises Closing."""
        async with self._opening:
            if self._closed:
                raise Closing
            if self._session is None:
                self._session = await self._opened()
                self.name = self._session.usage.model
            return self._session

    async def reply(self, asked: Asked) -> tuple[Reply | Failure, bool]:
        """What came back, and whether it cost nothing.

        Raises:
            ServingStopped: no request can succeed now, and the answer is not kept.
            Closing: the gateway closes.
        """
        session = await self.session()
        try:
            return await session.reply(asked)
        except ServingStopped:
            self._end(session)
            kept = (await self.session()).cached(asked)
            if kept is None:
                raise
            return kept, True

    async def close(self) -> None:
        """What was sent is waited for, since it is paid for."""
        async with self._opening:
            self._closed = True
        for session in list(self._holders):
            self._end(session)
        await asyncio.gather(*(task for _, task in self._holders.values()), return_exceptions=True)

    def _end(self, session: Session) -> None:
        if self._session is session:
            self._session = None
        if session in self._holders:
            self._holders[session][0].set()

    async def _opened(self) -> Session:
        opened: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        end = asyncio.Event()
        task = asyncio.create_task(self._hold(opened, end))
        session = await opened
        self._holders[session] = (end, task)
        task.add_done_callback(lambda _: self._holders.pop(session, None))
        return session

    async def _hold(self, opened: asyncio.Future[Session], end: asyncio.Event) -> None:
        """A session is opened and closed by the same task, whoever uses it."""
        try:
            async with self._serving.session() as session:
                opened.set_result(session)
                await end.wait()
        except Exception as error:
            if opened.done():
                raise
            opened.set_exception(error)
