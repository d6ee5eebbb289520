"""The protocols that resources keep: language models and embedding models, as operators see them. Engines and vendors live in `resources`."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from operators.asking.answers import Answer, Usage, Weighed
from operators.asking.requests import GivenText, Message, Request

if TYPE_CHECKING:
    import numpy as np


class LLMSession(Protocol):
    """A serving opened for one stage: its own usage, inside one event loop."""

    usage: Usage
    max_in_flight: int
    """How many requests may be under way at once. A caller that needs answers in order keeps several times as many open, for slow ones to finish."""

    async def generate(self, request: Request) -> Answer:
        """The answer to one request: from the cache, from an identical request in flight, or from the server."""
        ...

    async def log_probabilities(self, given: GivenText) -> Weighed:
        """What the model makes of a given text, token by token; cached, limited, retried and counted as answers are.

        Raises:
            ServingStopped: this model, or its server, does not give them.
        """
        ...

    def stream(self, requests: Iterable[Request] | AsyncIterable[Request]) -> AsyncIterator[Answer]:
        """Answers in the order of their requests, with bounded memory however many there are."""
        ...


@runtime_checkable
class LLMServing(Protocol):
    """A language model, wherever it runs."""

    def session(self) -> AbstractAsyncContextManager[LLMSession]:
        """Open connections and count usage for as long as the context lasts."""
        ...

    def generate_from_input(
        self,
        inputs: Sequence[str | Sequence[Message]],
        system_prompt: str | None = None,
        json_schema: Mapping[str, Any] | None = None,
        **sampling: Any,
    ) -> list[Answer]:
        """Answer every input, in order. `sampling` are fields of `Sampling`."""
        ...


@runtime_checkable
class EmbeddingServing(Protocol):
    """Texts to vectors. One that has `counted()`, which gives the same model with a `usage` of its own, is counted by the runner."""

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Unit vectors, shape (len(texts), dimensions), float32, in the order of the texts.

        Raises:
            TextsRefused: some have none (too long, refused); it holds the vectors of the others. See operators/bases/embedding.py.
        """
        ...
