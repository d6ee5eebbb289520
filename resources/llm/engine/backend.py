"""What the engine needs of a backend: one attempt at one request."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, runtime_checkable

from operators.asking.requests import GivenText, Request
from resources.llm.answers.reply import Reply


class Measured(Protocol):
    """Anything that a server can be asked: an answer, log-probabilities, the vectors of texts. The engine only wants to know how long it is."""

    @property
    def characters(self) -> int:
        """Length of the text in it: what a limit of tokens a minute is estimated from."""
        ...


class Connection(Protocol):
    """A language model's backend inside one event loop."""

    model: str
    identity: Mapping[str, Any]
    """What tells this backend's answers from another's: part of every cache key."""

    async def complete(self, request: Request) -> Reply:
        """Raises BackendError."""
        ...


@runtime_checkable
class WeighsText(Protocol):
    """A connection whose model can be asked for the log-probabilities of a given text."""

    async def log_probabilities(self, given: GivenText) -> Reply:
        """Its `text` is what log_probabilities.py writes. Raises BackendError."""
        ...


class HasLimits(Protocol):
    """What the engine needs to know of any backend."""

    max_in_flight: int
    name: str
    """For messages: which server, where."""
    remedy: str
    """For messages: what to do when it cannot be reached."""


class Backend(HasLimits, Protocol):
    """A language model, wherever it is."""

    def connect(self) -> AbstractAsyncContextManager[Connection]: ...


@runtime_checkable
class InThisProcess(Protocol):
    """A backend that computes here: its answers cost no money."""

    caution: str
    """What whoever uses its answers must know of the model; empty where there is nothing."""
