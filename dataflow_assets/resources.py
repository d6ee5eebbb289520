"""The Dagster resources: thin, configurable doors to what stands in `resources/`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster._core.execution.context.system import StepExecutionContext
from pydantic import BaseModel, Field, PrivateAttr, SecretStr, TypeAdapter

from dataflow_assets.checked_resource import CheckedResource, problems_with
from operators.asking.serving import LLMServing
from operators.tables.errors import Problem
from resources.llm import LLMSettings, open_serving
from resources.warehouse import Warehouse, warehouse_root
from resources.warehouse.table_run import TableRun
from sensors.abandoned_runs import heal, tell_host


class WarehouseResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where the tables live."""

    root: str = Field(
        default="",
        description="Folder or address (s3://bucket/prefix) of the tables. Empty: the environment variable DATAFLOW_WAREHOUSE, or warehouse/.",
    )

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """A run that starts ends those that a kill left: they may hold the place in a pool that it needs."""
        if context.run is not None and context.instance is not None:
            tell_host(context.instance, context.run)
            heal(context.instance)

    def open(self) -> Warehouse:
        return Warehouse(self.root or warehouse_root())

    def of_run(self, context: dg.AssetExecutionContext) -> Warehouse:
        """For an asset: of the tables that its run makes, it reads those that the run made, or one that failed and from which it goes on."""
        return self.of_step(context.get_step_execution_context())

    def of_step(self, step: StepExecutionContext) -> Warehouse:
        """The same, for what Dagster does around an asset."""
        chosen = {node.name for node in step.job_def.nodes}  # an asset's op is named after it; of chosen ops Dagster still tells all assets
        keys = [key for key in step.job_def.asset_layer.selected_asset_keys if "__".join(key.path) in chosen]
        makes = frozenset(table_of(key) for key in keys if len(key.path) <= 2)
        return Warehouse(self.root or warehouse_root(), TableRun(step.run_id, makes, tuple(goes_on_from(step.dagster_run, step.instance))))


def table_of(key: dg.AssetKey) -> tuple[str, str]:
    """Pipeline and stage of an asset; those of keys with one part stand in the pipeline "assets"."""
    if len(key.path) > 2:
        raise ValueError(f"{key.to_user_string()}: tables of the warehouse have keys of one or two parts, [pipeline, stage].")
    return (key.path[0], key.path[1]) if len(key.path) == 2 else ("assets", key.path[0])


def goes_on_from(run: dg.DagsterRun, instance: dg.DagsterInstance) -> Iterator[str]:
    """The runs that it is run again of, the last first."""
    while run.parent_run_id is not None:
        yield run.parent_run_id
        if (parent := instance.get_run_by_id(run.parent_run_id)) is None:
            return
        run = parent


class LLMResource(CheckedResource):
    """A language model.

    What is left empty comes from DATAFLOW_LLM_PROVIDER, _BASE_URL, _MODEL and _API_KEY; without those the embedded model serves.
    docs/serving.md explains every setting.
    """

    provider: str = Field(default="", description="A server by name, such as gemini or vllm; its key comes from its own variable (GEMINI_API_KEY).")
    base_url: str = Field(default="", description="An OpenAI-compatible server, such as http://127.0.0.1:8000/v1.")
    model: str = Field(default="", description="Its name at the server; without one a name of `dataflow models list`, or a GGUF file.")
    api_key_variable: str = Field(default="", description="Environment variable that holds the key. Keys themselves are never configuration.")
    header_variables: dict[str, str] = Field(default={}, description="Further HTTP headers: name -> environment variable of its value.")
    max_in_flight: int | None = Field(default=None, description="Most requests under way at once.")
    rpm: float | None = Field(default=None, description="Requests a minute.")
    tpm: float | None = Field(default=None, description="Tokens a minute, prompt and answer.")
    timeout: float | None = Field(default=None, description="Seconds for one attempt at a request.")
    retries: int | None = Field(default=None, description="How often to try again after failures that can pass.")
    retry_seconds: float | None = Field(default=None, description="Base of the exponential back-off.")
    retry_seconds_most: float | None = Field(default=None, description="Longest back-off.")
    retry_after_most: float | None = Field(default=None, description="Longest wait that a server may ask for, in seconds.")
    answer_megabytes: float | None = Field(default=None, description="Largest answer that is taken, in megabytes.")
    hedge: float | None = Field(default=None, description="Send a request again once it takes so many times as long as 95 % of them do.")
    batch: bool = Field(default=False, description="Send requests through the Batch API: answers within hours, mostly at half the price.")
    batch_settings: dict[str, Any] = Field(default={}, description="Settings of it, such as {poll_seconds_most: 300}.")
    engine: dict[str, Any] = Field(default={}, description="Arguments of vllm.LLM, for provider vllm-offline.")
    budget_tokens: int | None = Field(default=None, description="Stop after so many tokens; raise it and run again to go on.")
    budget_usd: float | None = Field(default=None, description="Stop after so much money. Needs a known price.")
    budget_per: str = Field(default="", description="What the budget is for: run (of Dagster, in all its processes), day or ever.")
    price_file: str | None = Field(default=None, description="YAML with prices of further models.")
    extra_body: dict[str, Any] = Field(default={}, description="Further fields of each request, such as reasoning_effort.")
    cache: bool | None = Field(default=None, description="Keep answers and use them again (on unless set to false).")
    ledger: bool | None = Field(default=None, description="Keep what was paid for `dataflow usage` (on unless set to false).")
    cache_path: str | None = Field(default=None, description="SQLite file of both, instead of .llm/answers.sqlite in the warehouse.")

    _serving: LLMServing | None = PrivateAttr(default=None)
    _run: str = PrivateAttr(default="")

    @classmethod
    def settings_model(cls) -> type[BaseModel]:
        return LLMSettings

    @classmethod
    def _wrong(cls, given: Mapping[str, Any]) -> Iterator[Problem]:
        yield from super()._wrong(given)
        if given.get("batch_settings"):
            from resources.llm.backends.batch import BatchSettings

            yield from problems_with("batch_settings", TypeAdapter(BatchSettings), given["batch_settings"])

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        self._run = context.run.run_id if context.run else ""

    def open(self) -> LLMServing:
        """The serving, made once for the run."""
        if self._serving is None:
            self._serving = open_serving(self.settings())
        return self._serving

    def settings(self) -> LLMSettings:
        """With what is left empty from the environment. Raises ValueError: they contradict each other, or a variable that they name is not set."""
        settings = {name: value for name, value in self if value not in (None, "", {}) and name in LLMSettings.model_fields}
        server = {name: settings.pop(name, "") for name in ("provider", "base_url", "model")}
        headers = {header: _secret(header, variable) for header, variable in self.header_variables.items()}
        return LLMSettings.from_environment(**server, api_key_variable=self.api_key_variable, headers=headers, run=self._run, **settings)


def _secret(header: str, variable: str) -> SecretStr:
    if not (value := os.environ.get(variable)):
        raise ValueError(f"the environment variable {variable}, which should hold the header {header} of the language model, is not set.")
    return SecretStr(value)
