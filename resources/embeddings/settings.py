"""What a user may set about an embedding model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from resources.llm.settings import LLMSettings

BASE_URL_VARIABLE = "DATAFLOW_EMBEDDING_BASE_URL"
MODEL_VARIABLE = "DATAFLOW_EMBEDDING_MODEL"
API_KEY_VARIABLE = "DATAFLOW_EMBEDDING_API_KEY"


class EmbeddingSettings(BaseModel):
    """Settings of one embedding model. Without `base_url` the embedded model serves."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str | None = Field(None, description="An OpenAI-compatible server, with or without /v1. None: the embedded model.")
    model: str | None = Field(None, description="Name of the model at the server. None: the only one that the server has.")
    api_key: SecretStr | None = Field(None, description="Sent as a bearer token.")
    headers: dict[str, SecretStr] = Field({}, description="Further HTTP headers of each request.")
    extra_body: dict[str, Any] = Field({}, description='Further fields of each request, such as {"dimensions": 256}. They are part of the cache key.')

    texts_per_request: int = Field(64, ge=1, description="Texts sent together.")
    max_in_flight: int = Field(8, ge=1, description="Most requests under way at once; fewer while the server is overloaded.")
    rpm: float | None = Field(None, gt=0, description="Requests a minute.")
    tpm: float | None = Field(None, gt=0, description="Tokens a minute.")
    timeout: float = Field(120.0, gt=0, description="Seconds for one attempt.")
    retries: int = Field(6, ge=0, description="How often to try again after failures that can pass.")
    retry_seconds: float = Field(0.5, gt=0, description="Base of the exponential back-off.")

    cache: bool = Field(True, description="Keep vectors and use them again.")
    cache_path: Path | None = Field(None, description="SQLite file of the vectors. None: vectors.sqlite beside the answers of the language models.")

    @field_validator("base_url", "model", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return value.strip() or None if isinstance(value, str) else value

    @classmethod
    def from_environment(cls, base_url: str = "", model: str = "", api_key_variable: str = "", **settings: Any) -> EmbeddingSettings:
        """What is left empty comes from DATAFLOW_EMBEDDING_BASE_URL, _MODEL and _API_KEY. `settings` are further fields.

        Raises:
            ValueError: `api_key_variable` names a variable that is not set, or a setting is not valid.
        """
        if api_key_variable and not os.environ.get(api_key_variable):
            raise ValueError(f"the environment variable {api_key_variable}, which should hold the key of the embedding model, is not set.")
        key = os.environ.get(api_key_variable or API_KEY_VARIABLE)
        return cls(
            base_url=base_url or os.environ.get(BASE_URL_VARIABLE),
            model=model or os.environ.get(MODEL_VARIABLE),
            api_key=SecretStr(key) if key and key.strip() else None,
            **settings,
        )

    def of_connection(self) -> LLMSettings:
        """The settings that concern the server, as the engine of the language models takes them."""
        shared = ("base_url", "model", "api_key", "headers", "extra_body", "max_in_flight", "rpm", "tpm", "timeout", "retries", "retry_seconds")
        return LLMSettings(**{name: getattr(self, name) for name in shared})
