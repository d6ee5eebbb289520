"""Texts that no cache has, fetched from the server many at a time: what it refuses is halved until it is taken, or one text is left that is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from operators.asking.answers import Failure, FailureKind, ServingStopped
from resources.embeddings.backend import EmbeddingReply, EmbeddingRequest, Vectors
from resources.llm.engine.caller import Caller

logger = logging.getLogger(__name__)

_MAY_BE_ONE_TEXT: tuple[FailureKind, ...] = ("bad_request", "filtered", "malformed")
"""What a server says of a request because of one of its texts, or of their number. Fewer texts do not help against the others."""
_REFUSED_ENOUGH = 20
"""A server that has refused so many single texts and taken none refuses them all."""


class Fetching:
    """The vectors of one call, `found`, and by text why there is none, `refused`.

    Args:
        keep: writes down what came back, before it counts as found.
        most_texts: of one request. It falls to what the server takes.
        is_proven: whether the server has taken a text before.
    """

    def __init__(
        self,
        caller: Caller[EmbeddingRequest, EmbeddingReply],
        keep: Callable[[EmbeddingRequest, EmbeddingReply], None],
        most_texts: int,
        is_proven: bool = False,
    ) -> None:
        self.found: dict[str, Vectors] = {}
        self.refused: dict[str, str] = {}
        self.most_texts = most_texts
        self._caller = caller
        self._keep = keep
        self._is_proven = is_proven
        self._looking = asyncio.Lock()
        self._stopped: ServingStopped | None = None

    async def run(self, texts: Sequence[str]) -> None:
        """Raises ServingStopped: no request can succeed."""
        size = self.most_texts
        # the longest together with the longest: the shorter ones of a request wait for its longest
        ordered = sorted(texts, key=len)
        chunks = [EmbeddingRequest(tuple(ordered[start : start + size])) for start in range(0, len(ordered), size)]
        tasks = [asyncio.ensure_future(self._fetch(chunk)) for chunk in chunks]
        try:
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            raise next((failure for failure in failures if isinstance(failure, ServingStopped)), failures[0])

    async def _fetch(self, request: EmbeddingRequest, looking: bool = False) -> bool:
        """Whether all texts have their vectors. `looking`: this task finds out whether the server takes any text at all, while the others wait."""
        if self._stopped is not None:
            raise self._stopped
        if len(request.texts) > self.most_texts:
            return await self._fetch_halves(request, looking)

        async def keep(reply: EmbeddingReply) -> None:
            self._keep(request, reply)
            self.found.update(zip(request.texts, reply.vectors, strict=True))

        reply = await self._caller.reply(request, keep)
        if not isinstance(reply, Failure):
            return True
        if len(request.texts) > 1 and reply.kind in _MAY_BE_ONE_TEXT:
            return await self._look_closer(request, reply, looking)
        reason = f"{reply.kind}: {reply.message}"
        self.refused |= dict.fromkeys(request.texts, reason)
        if reply.kind in _MAY_BE_ONE_TEXT and not self._takes_texts and len(self.refused) >= _REFUSED_ENOUGH:
            self._stopped = ServingStopped(f"every text is refused, {len(self.refused)} so far: {reason}. Check the settings of the embedding model.")
            raise self._stopped
        return False

    @property
    def _takes_texts(self) -> bool:
        return self._is_proven or bool(self.found)

    async def _look_closer(self, request: EmbeddingRequest, refusal: Failure, looking: bool) -> bool:
        """At a refused request of several texts. That its halves are taken means that there were too many of them."""
        if self._takes_texts or looking:
            taken = await self._fetch_halves(request, looking)
        else:
            async with self._looking:
                taken = await self._fetch_halves(request, looking=not self._takes_texts)
        count = len(request.texts)
        if taken and self.most_texts >= count:
            self.most_texts = (count + 1) // 2
            logger.info("%s: sending at most %d texts together from now on", refusal.message, self.most_texts)
        return taken

    async def _fetch_halves(self, request: EmbeddingRequest, looking: bool) -> bool:
        halves = request.halves()
        if looking:
            return all([await self._fetch(half, looking) for half in halves])
        return all(await asyncio.gather(*map(self._fetch, halves)))
