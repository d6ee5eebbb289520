"""A compiled pipeline with everything that defs.yaml says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from dataflow_assets.answering import answered_by, settings_in_run_config
from dataflow_assets.checks import Bounds
from dataflow_assets.failures import Retries
from dataflow_assets.partitions import Partitions, export_of_each
from dataflow_assets.row_checks import RowCheck
from dataflow_assets.running.formats import DatasetSettings
from dataflow_assets.running.workers import Setting
from operators.pipeline.pipeline import Pipeline
from operators.pipeline.plan import Plan, Stage
from resources.sources import SourceSettings

RETRY_SECONDS = 20.0
"""Before a stage is tried again, doubled with each try."""


@dataclass(frozen=True)
class Deployment:
    """A plan and what defs.yaml says of it."""

    plan: Plan
    pipeline: Pipeline
    sources: Mapping[str, SourceSettings]
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    row_checks: Mapping[str, Sequence[RowCheck]] = field(default_factory=dict)
    """Stage -> filters that every row of its table has to pass."""
    resource_keys: Mapping[str, str] = field(default_factory=dict)
    """Name that operators use -> key of the Dagster resource, where they differ: of what this deployment has for itself."""
    own_resources: Mapping[str, Any] = field(default_factory=dict)
    """By those keys."""
    pools: Mapping[str, str] = field(default_factory=dict)
    """Name that operators use -> pool of the model."""
    asked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Name that operators use -> settings of the model or the databases that answer."""
    exports: Sequence[str] = ()
    datasets: Sequence[DatasetSettings] = ()
    report: str = ""
    """The folder of the report, where one is made."""
    keep_versions: int | None = None
    """Versions of each table that stay once a new one is published; None leaves all to `dataflow gc`."""
    owners: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    automation: dg.AutomationCondition[Any] | None = None
    automation_of_gathered: dg.AutomationCondition[Any] | None = None
    """Of the stages from where shards are gathered, in a pipeline that has shards."""
    freshness: dg.FreshnessPolicy | None = None
    """Of the results."""
    retries: int = 0
    """How often a stage is tried again after a failure that can pass."""
    partitions: Partitions | None = None
    """The shards of one of the sources, where it comes in shards."""
    workers: Setting = "auto"
    """Processes that work on a stage's table at once."""

    def key(self, name: str) -> dg.AssetKey:
        return dg.AssetKey([self.plan.name, name])

    def partitions_def(self, sharded: bool) -> dg.PartitionsDefinition[str] | None:
        """Of the asset of a table that comes in shards; None for one that does not."""
        return self.partitions.definition if sharded and self.partitions is not None else None

    def backfill_policy(self, sharded: bool) -> dg.BackfillPolicy | None:
        """How many partitions a run of a backfill takes."""
        per_run = self.partitions.per_run if sharded and self.partitions is not None else 1
        return dg.BackfillPolicy.multi_run(per_run) if per_run > 1 else None

    def retries_left(self, context: dg.AssetExecutionContext) -> Retries:
        """For failures that can pass; what a user has to mend is not tried again (see `failures`)."""
        return Retries(self.retries, context.op_execution_context.retry_number, RETRY_SECONDS)

    def resource_key(self, name: str) -> str:
        """The key in Dagster of what operators call by this name."""
        return self.resource_keys.get(name, name)

    def models_for(self, stage: Stage) -> list[str]:
        """The language models that a stage may be given in the launchpad."""
        return [name for name in self.pools if name != "embedding"] if "llm" in stage.resources else []

    def resources_of(self, stage: Stage) -> set[str]:
        return {*stage.resources.values(), *self.models_for(stage)}

    def pool_of(self, stage: Stage) -> str | None:
        """Of the model that the stage asks; one that asks none needs to wait for nobody."""
        return next((self.pools[name] for name in stage.resources.values() if name in self.pools), None)

    def code_version(self, stage: Stage, run: dg.DagsterRun | None = None) -> str:
        """What the table of a stage depends on, besides its inputs: the operator, and who answers what it asks, in this run if one is given."""
        names = [name for name in dict.fromkeys(stage.resources.values()) if name in self.asked]
        in_run = {name: settings_in_run_config(run, self.resource_key(name)) if run is not None else {} for name in names}
        return " ".join([stage.fingerprint, *(answered_by(name, {**self.asked[name], **in_run[name]}) for name in names)])

    def automation_of(self, sharded: bool) -> dg.AutomationCondition[Any] | None:
        return self.automation if sharded or self.partitions is None else self.automation_of_gathered

    def all_shards(self, context: dg.AssetExecutionContext) -> list[str]:
        """Those that are gathered: every partition that Dagster knows."""
        return self.partitions.known(context.instance) if self.partitions is not None else []

    def dependency(self, parent: str, *, gathered: bool) -> dg.AssetDep:
        return dg.AssetDep(self.key(parent), partition_mapping=dg.AllPartitionMapping() if gathered else None)

    def export_keys(self) -> list[dg.AssetKey]:
        return [*([self.key("export")] if self.exports else []), *(self.key(f"export_{settings.format}") for settings in self.datasets)]

    @property
    def exports_each_shard(self) -> bool:
        return export_of_each(self.exports, self.plan.is_sharded(self.plan.outputs[0]))

    def sharded_keys(self) -> list[dg.AssetKey]:
        names = [*self.plan.sources, *(stage.name for stage in self.plan.stages)]
        exported = ["export"] if self.exports and self.exports_each_shard else []
        return [self.key(name) for name in [*(name for name in names if self.plan.is_sharded(name)), *exported]]
