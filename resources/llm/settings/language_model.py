"""What a user may set about a language model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, SecretStr, field_validator, model_validator

from resources.llm.accounting.budget import Period
from resources.llm.settings.providers import IN_PROCESS, Provider, provider
from resources.llm.settings.server import ServerSettings, key_in

PROVIDER_VARIABLE = "DATAFLOW_LLM_PROVIDER"
BASE_URL_VARIABLE = "DATAFLOW_LLM_BASE_URL"
MODEL_VARIABLE = "DATAFLOW_LLM_MODEL"
API_KEY_VARIABLE = "DATAFLOW_LLM_API_KEY"
PACE = {"max_in_flight": "DATAFLOW_LLM_MAX_IN_FLIGHT", "timeout": "DATAFLOW_LLM_TIMEOUT"}
"""Settings that hang on the server's machine more than on the pipeline, and the variables that give them where nothing else does."""


class LLMSettings(ServerSettings):
    """Settings of one language model. Without `provider` and `base_url` the embedded model serves."""

    model_variable: ClassVar[str] = MODEL_VARIABLE

    provider: str | None = Field(None, description="A server by name, such as gemini (see providers.yaml): its address, key and abilities.")
    hedge: float | None = Field(
        None, gt=1, description="Send a request again once it takes so many times as long as 95 % do; the first answer counts."
    )

    batch: bool = Field(False, description="Send requests through the provider's Batch API: answers within hours, mostly at half the price.")
    batch_settings: dict[str, Any] = Field({}, description="Settings of it, see resources/llm/backends/batch/settings.py.")
    engine: dict[str, Any] = Field({}, description="Arguments of vllm.LLM, for provider vllm-offline.")

    budget_tokens: int | None = Field(None, ge=0, description="Stop after so many tokens, prompt and answer. Cached answers cost none.")
    budget_usd: float | None = Field(None, ge=0, description="Stop after so much money. Needs a known price.")
    budget_per: Period = Field("run", description="What the budget is for: a run, a day (UTC), or ever. The last two count all that the ledger has.")
    run: str = Field("", description="A name of the run: processes that give the same one share its budget. Dagster gives the id of its run.")
    price_file: Path | None = Field(None, description="YAML with prices of further models, like resources/llm/accounting/prices.yaml.")

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

    @model_validator(mode="after")
    def _a_period_needs_the_ledger(self) -> LLMSettings:
        if self.budget_per != "run" and not self.ledger:
            raise ValueError(f"budget_per: {self.budget_per} counts what the ledger holds: it cannot do without it (ledger: false).")
        return self

    @field_validator("provider", mode="before")
    @classmethod
    def _no_provider(cls, value: Any) -> Any:
        return value.strip() or None if isinstance(value, str) else value

    @classmethod
    def from_environment(cls, provider: str = "", base_url: str = "", model: str = "", api_key_variable: str = "", **settings: Any) -> LLMSettings:
        """What is left empty comes from DATAFLOW_LLM_PROVIDER, _BASE_URL, _MODEL, _API_KEY, _MAX_IN_FLIGHT and _TIMEOUT. `settings` are more fields.

        These describe one server together: for another `provider` than theirs nothing is taken from them, least of all the key.

        Raises:
            ValueError: `api_key_variable` names a variable that is not set, or a setting is not valid.
        """
        described = os.environ if provider.strip() in ("", os.environ.get(PROVIDER_VARIABLE, "").strip()) else {}
        key = key_in(api_key_variable, "language") if api_key_variable else described.get(API_KEY_VARIABLE)
        pace = {name: _positive(variable, described[variable]) for name, variable in PACE.items() if described.get(variable) and name not in settings}
        return cls(
            provider=provider or (None if base_url else described.get(PROVIDER_VARIABLE)),
            base_url=base_url or described.get(BASE_URL_VARIABLE),
            model=model or described.get(MODEL_VARIABLE),
            api_key=SecretStr(key) if key else None,
            **pace,
            **settings,
        )

    @property
    def key_variable(self) -> str:
        """That of the provider, where the key came from there."""
        known = self.preset()
        given = os.environ.get(known.key_variable, "").strip() if known is not None and known.key_variable else ""
        of_provider = known is not None and given and self.api_key is not None and self.api_key.get_secret_value() == given
        return known.key_variable if known is not None and of_provider else API_KEY_VARIABLE

    def preset(self) -> Provider | None:
        """What is known of the provider."""
        return None if self.provider is None or self.provider in IN_PROCESS else provider(self.provider)


def _positive(variable: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf") or (variable == PACE["max_in_flight"] and not number.is_integer()):
        raise ValueError(f"{variable} is {value!r}: it should be a {'whole ' if variable == PACE['max_in_flight'] else ''}number above 0.")
    return number
