"""What a user may set about a language model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from resources.llm.base_url import normalized
from resources.llm.providers import IN_PROCESS, Provider, provider

PROVIDER_VARIABLE = "DATAFLOW_LLM_PROVIDER"
BASE_URL_VARIABLE = "DATAFLOW_LLM_BASE_URL"
MODEL_VARIABLE = "DATAFLOW_LLM_MODEL"
API_KEY_VARIABLE = "DATAFLOW_LLM_API_KEY"


class LLMSettings(BaseModel):
    """Settings of one language model. Without `provider` and `base_url` the embedded model serves."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    provider: str | None = Field(None, description="A server by name, such as gemini (see providers.yaml): its address, key and abilities.")
    base_url: str | None = Field(None, description="An OpenAI-compatible server, with or without /v1. None: the embedded model.")
    model: str | None = Field(None, description="Name of the model at the server. None: the only one that the server has.")
    api_key: SecretStr | None = Field(None, description="Sent as a bearer token. None: from the variable that the provider names.")
    headers: dict[str, SecretStr] = Field({}, description="Further HTTP headers of each request.")
    extra_body: dict[str, Any] = Field({}, description="Further fields of each request, such as reasoning_effort. They are part of the cache key.")

    max_in_flight: int = Field(64, ge=1, description="Most requests under way at once; fewer while the server is overloaded.")
    rpm: float | None = Field(None, gt=0, description="Requests a minute.")
    tpm: float | None = Field(None, gt=0, description="Tokens a minute, prompt and answer.")
    timeout: float = Field(120.0, gt=0, description="Seconds for one attempt, from connecting to the last byte.")
    retries: int = Field(6, ge=0, description="How often to try again after failures that can pass.")
    retry_seconds: float = Field(0.5, gt=0, description="Base of the exponential back-off.")
    retry_seconds_most: float = Field(30.0, gt=0, description="Longest back-off; a server's Retry-After may be longer.")
    hedge: float | None = Field(
        None, gt=1, description="Send a request again once it takes so many times as long as 95 % do; the first answer counts."
    )

    batch: bool = Field(False, description="Send requests through the provider's Batch API: answers within hours, mostly at half the price.")
    batch_settings: dict[str, Any] = Field({}, description="Settings of it, see resources/llm/batch/settings.py.")
    engine: dict[str, Any] = Field({}, description="Arguments of vllm.LLM, for provider vllm-offline.")

    budget_tokens: int | None = Field(None, ge=0, description="Stop after so many tokens, prompt and answer. Cached answers cost none.")
    budget_usd: float | None = Field(None, ge=0, description="Stop after so much money. Needs a known price.")
    price_file: Path | None = Field(None, description="YAML with prices of further models, like resources/llm/prices.yaml.")

    cache: bool = Field(True, description="Keep answers and use them again.")
    ledger: bool = Field(True, description="Keep what was paid, by pipeline, stage, model and day, for `dataflow usage`.")
    cache_path: Path | None = Field(None, description="SQLite file of both. None: DATAFLOW_LLM_CACHE, or .llm/answers.sqlite in the warehouse.")

    @model_validator(mode="before")
    @classmethod
    def _complete_from_the_provider(cls, given: Any) -> Any:
        name = given.get("provider") if isinstance(given, dict) else None
        if not isinstance(name, str) or not name.strip() or name.strip() in IN_PROCESS:
            return given
        preset = provider(name.strip())
        key = given.get("api_key")
        has_key = bool(key.get_secret_value() if isinstance(key, SecretStr) else key)
        return {**given, "base_url": given.get("base_url") or preset.base_url, "api_key": key if has_key else preset.key()}

    @model_validator(mode="after")
    def _in_process_there_is_no_address(self) -> LLMSettings:
        if self.provider in IN_PROCESS and self.base_url is not None:
            raise ValueError(f"provider {self.provider} is a model inside this process: it has no base_url.")
        return self

    @field_validator("provider", "base_url", "model", mode="before")
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
    def from_environment(cls, provider: str = "", base_url: str = "", model: str = "", api_key_variable: str = "", **settings: Any) -> LLMSettings:
        """What is left empty comes from DATAFLOW_LLM_PROVIDER, _BASE_URL, _MODEL and _API_KEY. `settings` are further fields.

        These describe one server together: for another `provider` than theirs nothing is taken from them, least of all the key.

        Raises:
            ValueError: `api_key_variable` names a variable that is not set, or a setting is not valid.
        """
        if api_key_variable and not os.environ.get(api_key_variable):
            raise ValueError(f"the environment variable {api_key_variable}, which should hold the key of the language model, is not set.")
        described = os.environ if provider.strip() in ("", os.environ.get(PROVIDER_VARIABLE, "").strip()) else {}
        key = os.environ[api_key_variable] if api_key_variable else described.get(API_KEY_VARIABLE)
        return cls(
            provider=provider or (None if base_url else described.get(PROVIDER_VARIABLE)),
            base_url=base_url or described.get(BASE_URL_VARIABLE),
            model=model or described.get(MODEL_VARIABLE),
            api_key=SecretStr(key) if key else None,
            **settings,
        )

    def preset(self) -> Provider | None:
        """What is known of the provider."""
        return None if self.provider is None or self.provider in IN_PROCESS else provider(self.provider)

    def secrets(self) -> list[str]:
        """What must never be shown."""
        values = [*([self.api_key] if self.api_key else []), *self.headers.values()]
        return sorted({value.get_secret_value() for value in values if value.get_secret_value()}, key=len, reverse=True)
