"""What a user may set about a language model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from resources.llm.base_url import normalized

BASE_URL_VARIABLE = "DATAFLOW_LLM_BASE_URL"
MODEL_VARIABLE = "DATAFLOW_LLM_MODEL"
API_KEY_VARIABLE = "DATAFLOW_LLM_API_KEY"


class LLMSettings(BaseModel):
    """Settings of one language model. Without `base_url` the embedded model serves."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str | None = Field(None, description="An OpenAI-compatible server, with or without /v1. None: the embedded model.")
    model: str | None = Field(None, description="Name of the model at the server. None: the only one that the server has.")
    api_key: SecretStr | None = Field(None, description="Sent as a bearer token.")
    headers: dict[str, SecretStr] = Field({}, description="Further HTTP headers of each request.")
    extra_body: dict[str, Any] = Field({}, description="Further fields of each request, such as reasoning_effort. They are part of the cache key.")

    max_in_flight: int = Field(64, ge=1, description="Most requests under way at once; fewer while the server is overloaded.")
    rpm: float | None = Field(None, gt=0, description="Requests a minute.")
    tpm: float | None = Field(None, gt=0, description="Tokens a minute, prompt and answer.")
    timeout: float = Field(120.0, gt=0, description="Seconds for one attempt, from connecting to the last byte.")
    retries: int = Field(6, ge=0, description="How often to try again after failures that can pass.")
    retry_seconds: float = Field(0.5, gt=0, description="Base of the exponential back-off.")
    retry_seconds_most: float = Field(30.0, gt=0, description="Longest back-off; a server's Retry-After may be longer.")

    budget_tokens: int | None = Field(None, ge=0, description="Stop after so many tokens, prompt and answer. Cached answers cost none.")
    budget_usd: float | None = Field(None, ge=0, description="Stop after so much money. Needs a known price.")
    price_file: Path | None = Field(None, description="YAML with prices of further models, like resources/llm/prices.yaml.")

    cache: bool = Field(True, description="Keep answers and use them again.")
    cache_path: Path | None = Field(None, description="SQLite file of the answers. None: DATAFLOW_LLM_CACHE, or .llm/ in the warehouse.")

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
        return value if value is not None and value.get_secret_value().strip() else None

    @classmethod
    def from_environment(cls, base_url: str = "", model: str = "", api_key_variable: str = "", **settings: Any) -> LLMSettings:
        """What is left empty comes from DATAFLOW_LLM_BASE_URL, DATAFLOW_LLM_MODEL and DATAFLOW_LLM_API_KEY. `settings` are further fields.

        Raises:
            ValueError: `api_key_variable` names a variable that is not set, or a setting is not valid.
        """
        if api_key_variable and not os.environ.get(api_key_variable):
            raise ValueError(f"the environment variable {api_key_variable}, which should hold the key of the language model, is not set.")
        key = os.environ.get(api_key_variable or API_KEY_VARIABLE)
        return cls(
            base_url=base_url or os.environ.get(BASE_URL_VARIABLE),
            model=model or os.environ.get(MODEL_VARIABLE),
            api_key=SecretStr(key) if key else None,
            **settings,
        )

    def secrets(self) -> list[str]:
        """What must never be shown."""
        values = [*([self.api_key] if self.api_key else []), *self.headers.values()]
        return sorted({value.get_secret_value() for value in values if value.get_secret_value()}, key=len, reverse=True)
