"""What operators see of a language model: requests, answers, and a protocol. Engines and vendors live in `resources/llm`.

An answer is a `Completion` or a `Failure`, never None, "" or the text of an error. What can be tried again was tried again before a
`Failure` comes back. What no other row could survive either (a wrong key, a spent budget) raises `ServingStopped`.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]

FailureKind: TypeAlias = Literal[
    "bad_request",  # 400, 404, 422: this request can never succeed
    "filtered",  # the provider refused the content
    "truncated",  # stopped at max_tokens before the answer was whole
    "invalid_answer",  # did not fit the schema, also after asking again
    "rate_limited",  # 429 until the retries were spent
    "unavailable",  # 5xx or no connection until the retries were spent
    "timeout",  # no answer in time until the retries were spent
    "malformed",  # the server's reply was not what the protocol promises
]


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a message that is more than text: `type` is "text", "image_url" or "input_audio", `value` its text, URL or data URL."""

    type: Literal["text", "image_url", "input_audio"]
    value: str


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str | tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn. None leaves a setting to the server."""

    temperature: float | None = 0.0
    max_tokens: int | None = 512
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `sample` numbers the answers drawn to the same question, so that each has its own place in the cache."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    json_schema: Mapping[str, Any] | None = None
    sample: int = 0

    @classmethod
    def of(cls, user: str, system: str | None = None, **settings: Any) -> Request:
        system_messages = (Message("system", system),) if system else ()
        return cls((*system_messages, Message("user", user)), **settings)

    def followed_by(self, *messages: Message) -> Request:
        """The same question with the conversation carried on."""
        return replace(self, messages=(*self.messages, *messages))


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


@dataclass(frozen=True, slots=True)
class Failure:
    kind: FailureKind
    message: str
    attempts: int = 1


Answer: TypeAlias = Completion | Failure


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text that is there already, for the model to weigh rather than to answer: `text` after `context`, in no chat template."""

    text: str
    context: str = ""


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


class ServingStopped(Exception):
    """No further request can succeed (key refused, budget spent, server gone). Answers already paid for are kept in the cache."""


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
        }


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
        """Unit vectors, shape (len(texts), dimensions), float32, in the order of the texts."""
        ...
