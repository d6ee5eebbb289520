"""What the engine needs of a backend: one attempt at one request, and an honest error."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from operators.core.serving import FailureKind, GivenText, Request

Asked: TypeAlias = Request | GivenText
"""What a server may be asked: for an answer, or for the log-probabilities of a text."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, whole or not: `finish_reason` says."""

    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    finish_reason: str
    seconds: float = 0.0


class BackendError(Exception):
    """An attempt that brought no answer.

    `retryable`: the same request may succeed later. `overload`: the server has too much to do. `unreachable`: it could not be connected to.
    `fatal`: no request can succeed. `retry_after`: seconds that the server asked to wait.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        retryable: bool = False,
        overload: bool = False,
        unreachable: bool = False,
        fatal: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retryable = retryable
        self.overload = overload
        self.unreachable = unreachable
        self.fatal = fatal
        self.retry_after = retry_after


class Connection(Protocol):
    """A backend inside one event loop."""

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


class Backend(Protocol):
    max_in_flight: int
    name: str
    """For messages: which server, where."""
    remedy: str
    """For messages: what to do when it cannot be reached."""

    def connect(self) -> AbstractAsyncContextManager[Connection]: ...
