"""What the serving needs of an embedding backend, and what the engine carries for it: texts there, vectors back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from resources.llm.answers.reply import Keeper
from resources.llm.engine.backend import HasLimits

Vectors: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Texts to embed together."""

    texts: tuple[str, ...]

    @property
    def characters(self) -> int:
        return sum(map(len, self.texts))

    def halves(self) -> tuple[EmbeddingRequest, EmbeddingRequest]:
        """Of two texts or more."""
        middle = len(self.texts) // 2
        return EmbeddingRequest(self.texts[:middle]), EmbeddingRequest(self.texts[middle:])


@dataclass(frozen=True, slots=True)
class EmbeddingReply:
    """Vectors of the texts of one request, shape (texts, dimensions), of unit length."""

    vectors: Vectors
    model: str
    prompt_tokens: int
    seconds: float = 0.0
    completion_tokens: int = 0
    """Always: nothing is written."""
    keeper: Keeper = ""


class EmbeddingConnection(Protocol):
    """A backend inside one event loop."""

    model: str
    identity: Mapping[str, Any]

    async def complete(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Raises BackendError."""
        ...


class EmbeddingBackend(HasLimits, Protocol):
    def connect(self) -> AbstractAsyncContextManager[EmbeddingConnection]: ...
