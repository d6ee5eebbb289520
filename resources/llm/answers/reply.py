"""What one attempt at one request brought: a reply, or an honest error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from operators.asking.answers import FailureKind, StopCause
from operators.asking.requests import GivenText, Request
from resources.llm.answers.endings import Ending, ending_of
from resources.llm.answers.meanings import Meaning

Asked: TypeAlias = Request | GivenText
"""What a language model may be asked: for an answer, or for the log-probabilities of a text."""


Keeper: TypeAlias = Literal["", "gateway", "gateway's cache"]
"""Who keeps a reply and wrote down what it cost: this process ("", still to be done), the gateway that was asked, or the gateway had it already."""


class Paid(Protocol):
    """What the engine needs of any reply, of a language model or another: who gave it, and what it took."""

    @property
    def model(self) -> str: ...
    @property
    def prompt_tokens(self) -> int: ...
    @property
    def completion_tokens(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def keeper(self) -> Keeper: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, whole or not: `finish_reason` says, in the server's words."""

    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    finish_reason: str
    seconds: float = 0.0
    reasoning: str = ""
    """What the model thought before it answered, where it says so."""
    keeper: Keeper = ""
    caution: str = ""
    """What whoever uses the answer must know of the model, as a gateway says it."""

    @property
    def ending(self) -> Ending:
        """A reply that says nothing is broken, however it ended; unless it was cut or withheld."""
        ending = ending_of(self.finish_reason)
        return "broken" if ending == "whole" and not self.text.strip() else ending


class BackendError(Exception):
    """An attempt that brought no answer.

    `retryable`: the same request may succeed later. `overload`: the server has too much to do. `unreachable`: it could not be connected to.
    `fatal`: no request can succeed. `retry_after`: seconds that the server asked to wait. `meaning`: what it complains about, as far as it is known.
    `parameters`: the fields of the request that it names. `cause`: of a fatal one, where its meaning does not say it. `final`: a gateway has tried
    again already, and in every other manner. `remedy`: what to do about a server that is not reached, where starting it is not it.
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
        meaning: Meaning | None = None,
        parameters: frozenset[str] = frozenset(),
        cause: StopCause | None = None,
        final: bool = False,
        remedy: str = "",
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retryable = retryable
        self.overload = overload
        self.unreachable = unreachable
        self.fatal = fatal
        self.retry_after = retry_after
        self.meaning = meaning
        self.parameters = parameters
        self.cause = cause
        self.final = final
        self.remedy = remedy

    @property
    def stop_cause(self) -> StopCause:
        """Of a fatal one."""
        if self.meaning == "barred":
            return "key"
        return self.cause or (self.meaning if self.meaning in ("key", "money", "model") else "other")
