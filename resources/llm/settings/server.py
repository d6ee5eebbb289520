"""What a user may set about any model behind an address: of a language model and of an embedding model alike."""

from __future__ import annotations

import os
import re
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from resources.llm.settings.base_url import normalized
from resources.llm.settings.secret_values import key_is_secret, secrets_of_address, secrets_of_header

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class ServerSettings(BaseModel):
    """Where it is, how it is asked, and what is kept of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    model_variable: ClassVar[str]
    """The environment variable that names the model where nothing else does."""

    base_url: str | None = Field(None, description="An OpenAI-compatible server, with or without /v1. None: the embedded model.")
    model: str | None = Field(None, description="Name of the model at the server. None: the only one that the server has.")
    api_key: SecretStr | None = Field(None, description="Sent as a bearer token. None: from the variable that the provider names, if there is one.")
    headers: dict[str, SecretStr] = Field({}, description="Further HTTP headers of each request.")
    extra_body: dict[str, Any] = Field({}, description="Further fields of each request, such as reasoning_effort. They are part of the cache key.")

    max_in_flight: int = Field(64, ge=1, description="Most requests under way at once; fewer while the server is overloaded.")
    rpm: float | None = Field(None, gt=0, description="Requests a minute.")
    tpm: float | None = Field(None, gt=0, description="Tokens a minute, prompt and answer.")
    timeout: float = Field(120.0, gt=0, description="Seconds for one attempt, from connecting to the last byte.")
    retries: int = Field(6, ge=0, description="How often to try again after failures that can pass.")
    retry_seconds: float = Field(0.5, gt=0, description="Base of the exponential back-off.")
    retry_seconds_most: float = Field(30.0, gt=0, description="Longest back-off.")
    retry_after_most: float = Field(60.0, ge=0, description="Longest wait that a server may ask for (Retry-After), in seconds; a longer one is cut.")
    answer_megabytes: float = Field(64.0, gt=0, description="Largest answer that is taken, in megabytes.")

    @field_validator("base_url", "model", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return value.strip() or None if isinstance(value, str) else value

    @field_validator("base_url")
    @classmethod
    def _normalize(cls, value: str | None) -> str | None:
        return None if value is None else normalized(value)

    @field_validator("api_key")
    @classmethod
    def _no_empty_key(cls, value: SecretStr | None) -> SecretStr | None:
        bare = _sendable(value, "the key") if value is not None else None
        return bare if bare is not None and bare.get_secret_value() else None

    @field_validator("headers")
    @classmethod
    def _sendable_headers(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        if odd := [name for name in value if not _HEADER.fullmatch(name)]:
            raise ValueError(f"{odd[0][:80]!r} is no name of a header: letters, digits and hyphens are.")
        return {name: _sendable(header, f"the header {name}") for name, header in value.items()}

    @field_validator("extra_body")
    @classmethod
    def _can_be_sent(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            orjson.dumps(value)
        except TypeError as error:
            raise ValueError(f"extra_body cannot be sent as JSON: {error}.") from None
        if value.get("stream"):
            raise ValueError("extra_body asks for a stream: answers are taken whole, so leave stream out.")
        return value

    @property
    def key_variable(self) -> str:
        """The environment variable that a key belongs into."""
        raise NotImplementedError

    def secrets(self) -> list[str]:
        """What must never be shown: keys, also in headers and in the address, and nothing that is a plain word (secret_values.py)."""
        found = set(secrets_of_address(self.base_url or ""))
        if self.api_key is not None and key_is_secret(key := self.api_key.get_secret_value()):
            found.add(key)
        for name, header in self.headers.items():
            found.update(secrets_of_header(name, header.get_secret_value()))
        return sorted(found, key=len, reverse=True)


def _sendable(value: SecretStr, what: str) -> SecretStr:
    """Without white space around it, such as the line end of a file that it was read from. Raises ValueError for what no HTTP header can hold."""
    bare = value.get_secret_value().strip()
    if not all(character.isprintable() and character <= "\xff" for character in bare):
        raise ValueError(f"{what} holds a line end, or another character that cannot be sent in a header: copy it again.")
    return SecretStr(bare)


def key_in(variable: str, of: str) -> str:
    """The key that an environment variable should hold. Raises ValueError when it is not set."""
    if not (key := os.environ.get(variable)):
        raise ValueError(f"the environment variable {variable}, which should hold the key of the {of} model, is not set.")
    return key
