"""What comes back from a model.

An answer is a `Completion` or a `Failure`, never None, "" or the text of an error. What can be tried again was tried again before a `Failure` comes
back. What no other row could survive either (a wrong key, a spent budget) raises `ServingStopped`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

FailureKind: TypeAlias = Literal[
    "bad_request",  # 400, 404, 422: this request can never succeed
    "filtered",  # the provider refused the content
    "truncated",  # stopped at max_tokens before the answer was whole
    "invalid_answer",  # did not fit the schema, also after asking again
    "rate_limited",  # 429 until the retries were spent
    "unavailable",  # 5xx or no connection until the retries were spent
    "timeout",  # no answer in time until the retries were spent
    "malformed",  # the server's reply was not what the protocol promises, or was empty
]


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    finish_reason: str = "stop"
    cached: bool = False
    seconds: float = 0.0
    """From sending the request that succeeded to its answer; what it took then when `cached`."""
    reasoning: str = ""
    """What the model thought before it answered, where it says so. It is no part of `text`."""


@dataclass(frozen=True, slots=True)
class Failure:
    kind: FailureKind
    message: str
    attempts: int = 1


Answer: TypeAlias = Completion | Failure


@dataclass(frozen=True, slots=True)
class TokenLogProbabilities:
    """Of each token of a given text, the natural logarithm of its probability after what stands before it.

    The first token of a text without context has nothing before it, and no value here, unless the model puts a mark of its own at the start.
    """

    values: tuple[float, ...]
    model: str
    prompt_tokens: int
    cached: bool = False
    seconds: float = 0.0


Weighed: TypeAlias = TokenLogProbabilities | Failure


StopCause: TypeAlias = Literal["key", "money", "model", "budget", "unreachable", "other"]
"""Why nothing more can be asked: the key is refused, the account is empty, there is no such model, the run's own budget is spent, nobody answers."""


class ServingStopped(Exception):
    """No further request can succeed (key refused, budget spent, server gone). Answers already paid for are kept in the cache."""

    def __init__(self, message: str, cause: StopCause = "other") -> None:
        super().__init__(message)
        self.cause: StopCause = cause


class ServingUnreachable(ServingStopped):
    """The server cannot be reached: the same request may succeed later."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "unreachable")


class TextsRefused(Exception):
    """Some of the texts given to an embedding model have no vector; the others have.

    `vectors` has one row for each text, shape (texts, dimensions), float32, zeros where there is none; `reasons` says why, by the place of the text.
    """

    def __init__(self, message: str, vectors: Any, reasons: Mapping[int, str]) -> None:
        super().__init__(message)
        self.vectors = vectors
        self.reasons = reasons


@dataclass(slots=True)
class Usage:
    """What a session spent.

    `calls` were answered by the server, `cached` by the cache; tokens and cost are those of `calls` alone. `failed` gave no usable answer: nobody
    answered, or the answer was cut short or filtered, and then it is counted among `calls` or `cached` too.
    """

    calls: int = 0
    cached: int = 0
    failed: int = 0
    retried: int = 0
    hedged: int = 0
    """Second copies of slow requests that were sent."""
    texts: int = 0
    """Texts that an embedding model was given in these calls; its `cached` are texts too."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    """None where the price of the model is unknown."""
    latencies: list[float] = field(default_factory=list)
    """Seconds of each call (a bounded sample of them)."""
    seconds: float = 0.0
    """From the first call to the last answer."""
    model: str = ""
    """Whose answers these are: a name that means something to people, such as qwen2.5-coder-0.5b."""
    caution: str = ""
    """What whoever uses these answers must know of the model."""

    def as_dict(self) -> dict[str, Any]:
        ordered = sorted(self.latencies)

        def percentile(share: float) -> float | None:
            return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None

        return {
            "calls": self.calls,
            "cached": self.cached,
            "failed": self.failed,
            "retried": self.retried,
            "hedged": self.hedged,
            "texts": self.texts or None,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "cost_usd": self.cost_usd,
            "latency_p50": percentile(0.5),
            "latency_p95": percentile(0.95),
            "seconds": round(self.seconds, 3),
            "tokens_per_second": round(self.completion_tokens / self.seconds, 1) if self.seconds else None,
            "model": self.model or None,
            "caution": self.caution or None,
        }
