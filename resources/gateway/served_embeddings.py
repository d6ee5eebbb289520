"""One embedding model behind the gateway: texts of requests that come while others are computed go together, each text once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from operators.asking.answers import TextsRefused
from operators.asking.usage_label import UsageLabel, current_label, usage_label
from resources.embeddings.backend import Vectors
from resources.embeddings.serving import Embeddings


@dataclass(frozen=True, slots=True)
class Found:
    """Vectors of the texts of one request, shape (texts, dimensions). `tokens`: its share of what was computed for it."""

    vectors: Vectors
    tokens: int
    cached: bool


@dataclass(frozen=True, slots=True)
class _Waiting:
    texts: Sequence[str]
    label: UsageLabel
    found: asyncio.Future[Found]


class ServedEmbeddings:
    """Inside one event loop."""

    def __init__(self, embeddings: Embeddings, name: str) -> None:
        self.name = name
        self._embeddings = embeddings
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    @property
    def extra_body(self) -> dict[str, object]:
        return self._embeddings.settings.extra_body

    async def vectors(self, texts: Sequence[str]) -> Found:
        """Raises TextsRefused: some have none. Raises ServingStopped: no request can succeed."""
        waiting = _Waiting(texts, current_label(), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await waiting.found

    async def _work(self) -> None:
        while self._waiting:
            label = self._waiting[0].label
            together = [waiting for waiting in self._waiting if waiting.label == label]
            self._waiting = [waiting for waiting in self._waiting if waiting.label != label]
            try:
                await self._compute(together, label)
            except Exception as error:
                for waiting in together:
                    if not waiting.found.done():
                        waiting.found.set_exception(error)
        self._working = None

    async def _compute(self, together: Sequence[_Waiting], label: UsageLabel) -> None:
        texts = list(dict.fromkeys(text for waiting in together for text in waiting.texts))
        with usage_label(*label):
            counted = self._embeddings.counted()
        refused: dict[str, str] = {}
        try:
            vectors = await asyncio.to_thread(counted.embed, texts)
        except TextsRefused as error:
            vectors, refused = error.vectors, {texts[place]: reason for place, reason in error.reasons.items()}
        places = {text: place for place, text in enumerate(texts)}
        characters = sum(map(len, texts)) or 1
        for waiting in together:
            if waiting.found.done():  # whoever asked has gone
                continue
            reasons = {place: refused[text] for place, text in enumerate(waiting.texts) if text in refused}
            own = np.stack([vectors[places[text]] for text in waiting.texts])
            if reasons:
                waiting.found.set_exception(TextsRefused(next(iter(reasons.values())), own, reasons))
                continue
            tokens = counted.usage.prompt_tokens * sum(map(len, waiting.texts)) // characters
            waiting.found.set_result(Found(own, tokens, cached=counted.usage.calls == 0))
