"""What one attempt at one request brought: a reply, or an honest error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from operators.asking.answers import FailureKind
from operators.asking.requests import GivenText, Request

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
