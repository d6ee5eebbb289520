"""What is asked of a model: messages, sampling, requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


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

    @property
    def text(self) -> str:
        """What its messages say; pictures and sounds are left out."""
        contents = [message.content for message in self.messages]
        return "\n".join(
            content if isinstance(content, str) else "".join(part.value for part in content if part.type == "text") for content in contents
        )

    @property
    def characters(self) -> int:
        """Length of the text in it: what a limit of tokens a minute is estimated from."""
        count = 0
        for message in self.messages:
            content = message.content
            count += len(content) if isinstance(content, str) else sum(len(part.value) for part in content if part.type == "text")
        return count


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text that is there already, for the model to weigh rather than to answer: `text` after `context`, in no chat template."""

    text: str
    context: str = ""

    @property
    def characters(self) -> int:
        return len(self.context) + len(self.text)
