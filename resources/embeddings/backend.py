"""What the serving needs of an embedding backend. A request carries one text in each of its messages, so that the engine's limits count them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from operators.asking.requests import Message, Request
from resources.llm.answers.reply import Reply

Vectors: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"


@dataclass(frozen=True, slots=True)
class EmbeddingReply(Reply):
    """Vectors of the texts of one request, shape (texts, dimensions), of unit length."""

    vectors: Vectors | None = None


def request_of(texts: Sequence[str]) -> Request:
    return Request(tuple(Message("user", text) for text in texts))


def texts_of(request: Request) -> list[str]:
    return [str(message.content) for message in request.messages]


class EmbeddingConnection(Protocol):
    """A backend inside one event loop."""

    model: str
    identity: Mapping[str, Any]

    async def complete(self, request: Request) -> EmbeddingReply:
        """Raises BackendError."""
        ...


class EmbeddingBackend(Protocol):
    max_in_flight: int
    name: str
    remedy: str

    def connect(self) -> AbstractAsyncContextManager[EmbeddingConnection]: ...
