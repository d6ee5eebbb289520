"""`PipelineComponent`: a pipeline and a few lines of YAML become assets, checks, a job and a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from dataflow_assets.assets import Deployment, build_assets
from dataflow_assets.checks import Bounds
from dataflow_assets.partitioned_definitions import partitioned_definitions
from dataflow_assets.partitions import PartitionSettings, partitions_of
from dataflow_assets.pipelines import find_pipeline
from dataflow_assets.resources import LLMResource
from dataflow_assets.running.workers import read_setting
from operators.core.resources import openable_needs
from operators.pipeline.pipeline import Pipeline
from resources.sources import SourceSettings
from sensors.new_data import new_data_sensor


class PipelineComponent(dg.Component, dg.Model, dg.Resolvable):
    """A deployed pipeline.

    Example (defs/web_text/defs.yaml)::

        type: dataflow_assets.component.PipelineComponent
        attributes:
          pipeline: web_text
          source: data/*.jsonl
          parameters: {min_educational_value: 3}
          export: [exports/web_text.parquet]
    """

    pipeline: str
    """Name of a pipeline in dataflow_assets/pipelines, "package.module:Class", or "file.py:Class"."""
    source: str | dict[str, Any]
    """A path or built-in source, settings of one (see SourceSettings), or, for several sources, one of these by source name."""
    partitions: dict[str, str] | None = None
    """{source: documents, by: file}: each file of the source is a partition, and stages run on each up to where the pipeline gathers them."""
    parameters: dict[str, Any] = {}
    """Arguments of the pipeline's constructor."""
    stages: dict[str, dict[str, Any]] = {}
    """Parameters of stages, by stage name."""
    llms: dict[str, dict[str, Any]] = {}
    """Language models of this deployment alone, by the name that operators use; each with the settings of LLMResource."""
    keep_rate: dict[str, list[float]] = {}
    """Stage -> [low, high]: a blocking check that the share of rows kept lies between."""
    export: list[str] = []
    """Files to write the result to; the format follows the ending."""
    workers: int | str | None = None
    """Processes that work on a table at once: a number, or "auto", a core each where a table is large. By default DATAFLOW_WORKERS, or "auto"."""
    schedule: str | None = None
    """Cron expression to run the whole pipeline at."""
    watch: bool = False
    """Run the pipeline when the files of its source change."""
    automation: bool = False
    """Refresh each stage when what is above it, or its own code, changes."""
    owners: list[str] = []
    tags: dict[str, str] = {}

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        return self.definitions()

    def definitions(self) -> dg.Definitions:
        """The assets, checks, job, schedule and sensor; without defs.yaml, build the component in Python and call this."""
        deployment = self.deployment()
        if deployment.partitions is not None:
            return partitioned_definitions(deployment, deployment.partitions, self.schedule, self.watch, self._llm_resources(deployment))
        name = deployment.plan.name
        job = dg.define_asset_job(name, selection=dg.AssetSelection.groups(name), tags={"pipeline": name}, description=deployment.plan.description)
        schedules = [dg.ScheduleDefinition(name=f"{name}_schedule", job=job, cron_schedule=self.schedule)] if self.schedule else []
        paths = [settings.path for settings in deployment.sources.values() if settings.path]
        return dg.Definitions(
            assets=build_assets(deployment),
            jobs=[job],
            schedules=schedules,
            sensors=[new_data_sensor(name, job, paths)] if self.watch and paths else [],
            resources=self._llm_resources(deployment),
        )

    def _llm_resources(self, deployment: Deployment) -> dict[str, LLMResource]:
        return {deployment.llm_keys[llm]: LLMResource(**settings) for llm, settings in self.llms.items()}

    def deployment(self) -> Deployment:
        """The compiled pipeline with its settings.

        Raises:
            CompileError, ParameterError: everything that is wrong with it.
        """
        pipeline = self.built_pipeline()
        sources = self.source_settings(pipeline)
        partitions = partitions_of(pipeline.name, PartitionSettings.model_validate(self.partitions) if self.partitions else None, sources)
        plan = pipeline.compile(resources=[*openable_needs(), *self.llms], sharded=partitions.source if partitions else None)
        conditions = dg.AutomationCondition.eager() | dg.AutomationCondition.code_version_changed()
        return Deployment(
            plan=plan,
            pipeline=pipeline,
            sources=sources,
            bounds=self._bounds([stage.name for stage in plan.stages]),
            llm_keys={name: f"{plan.name}_{name}" for name in self.llms},
            exports=tuple(self.export),
            owners=tuple(self.owners),
            tags=self.tags,
            automation=conditions if self.automation else None,
            # a schedule or sensor runs shards; what is made of all of them can only follow when the last is done
            automation_of_gathered=conditions if self.automation or self.schedule or self.watch else None,
            partitions=partitions,
            workers=read_setting(self.workers),
        )

    def built_pipeline(self) -> Pipeline:
        return find_pipeline(self.pipeline)(**self.parameters).configure(self.stages)

    def source_settings(self, pipeline: Pipeline) -> Mapping[str, SourceSettings]:
        names = pipeline.source_names()
        if len(names) == 1:
            given = self.source.get(names[0], self.source) if isinstance(self.source, dict) else self.source
            return {names[0]: SourceSettings.model_validate(given)}
        if not isinstance(self.source, dict) or set(self.source) != set(names):
            raise ValueError(f"{self.pipeline} has the sources {', '.join(names)}: give each under its name in `source`.")
        return {name: SourceSettings.model_validate(self.source[name]) for name in names}

    def _bounds(self, stages: Sequence[str]) -> dict[str, Bounds]:
        bounds = {}
        for stage, pair in self.keep_rate.items():
            if stage not in stages or len(pair) != 2 or not 0 <= pair[0] <= pair[1] <= 1:
                raise ValueError(
                    f"keep_rate: {stage}: {pair} is not a stage of {self.pipeline} with [low, high] between 0 and 1; stages: {', '.join(stages)}"
                )
            bounds[stage] = Bounds(*pair)
        return bounds
