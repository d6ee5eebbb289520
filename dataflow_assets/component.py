"""`PipelineComponent`: a pipeline and a few lines of YAML become assets, checks, a job and a schedule."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import dagster as dg
from dagster._core.definitions.utils import DISALLOWED_NAMES
from pydantic import BaseModel

from dataflow_assets.attributes import with_closest_names
from dataflow_assets.checks import Bounds
from dataflow_assets.database_resource import DatabaseResource
from dataflow_assets.defs_files import Environment
from dataflow_assets.deployed_databases import database_names, deployed_databases
from dataflow_assets.deployed_definitions import deployed_definitions
from dataflow_assets.deployment import Deployment
from dataflow_assets.partitions import PartitionSettings, partitions_of
from dataflow_assets.pipelines import find_pipeline
from dataflow_assets.pools import pool_names
from dataflow_assets.refreshing import FreshnessSettings, ScheduleSettings, automation_of, condition_of, schedule_of
from dataflow_assets.resources import LLMResource
from dataflow_assets.row_checks import row_checks_of
from dataflow_assets.running.formats import check_dataset, dataset_settings
from dataflow_assets.running.formats.settings import DatasetSettings
from dataflow_assets.running.workers import read_setting
from dataflow_assets.scaffolding import PipelineScaffolder
from dataflow_assets.written_files import check_written_files
from operators.core.resources import openable_needs
from operators.pipeline.pipeline import Pipeline
from operators.pipeline.plan import Plan
from operators.tables.errors import ParameterError, Problem, closest, first_line
from operators.tables.table_names import ALLOWED, names_a_table
from resources.sources import SourceSettings, source_settings


def _llm(name: str, settings: Mapping[str, Any]) -> LLMResource:
    if not name.isidentifier():
        raise ParameterError([Problem(f'llms: "{name}" cannot name a language model', suggestion="use letters, digits and _, such as judge_2")])
    try:
        return LLMResource(**settings)
    except ParameterError as error:
        raise ParameterError([problem.at(f"llms: {name}") for problem in error.problems]) from None
    except ValueError as error:
        raise ParameterError([Problem(first_line(error), f"llms: {name}")]) from None


def _settings_of_each(pipeline: Pipeline, databases: DatabaseResource) -> dict[str, dict[str, Any]]:
    return {name: dict(databases) for name in database_names(pipeline)}


def _said(text: str) -> dg.Resolver:
    """What Dagster's own pages of the component, and `dg utils inspect-component`, say of a setting."""
    resolver: dg.Resolver = dg.Resolver.default(description=text)
    return resolver


@dg.scaffold_with(PipelineScaffolder)
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

    pipeline: Annotated[str, _said('Name of a pipeline (`dataflow pipelines list`), "package.module:Class", or "file.py:Class".')]
    source: Annotated[
        str | dict[str, Any],
        _said(
            "A path, `dataset:NAME`, `databases:PLACE` or a built-in source; settings of one ({path: ..., limit: 1000}); for several sources, one "
            "by source name."
        ),
    ]
    name: Annotated[
        str, _said("Name of the deployment, where a pipeline is deployed more than once: asset keys, job and folder in the warehouse have it.")
    ] = ""
    partitions: Annotated[
        PartitionSettings | None,
        _said("{source: documents, by: file}: each file of the source is a partition. {source: documents, by: day, start: 2026-01-01}: each day is."),
    ] = None
    parameters: Annotated[dict[str, Any], _said("Arguments of the pipeline's constructor.")] = {}
    stages: Annotated[
        dict[str, dict[str, Any]], _said("Parameters of stages, by stage name; of a part of a Sequential below the name of its operator.")
    ] = {}
    llms: Annotated[
        dict[str, dict[str, Any]],
        _said("Language models of this deployment alone, by the name that operators use; each with the settings of LLMResource."),
    ] = {}
    database: Annotated[
        str | dict[str, Any],
        _said("Databases that operators ask: where they are in one line, or settings of DatabaseResource. Default: those of the source."),
    ] = ""
    keep_rate: Annotated[dict[str, list[float]], _said("Stage -> [low, high]: a blocking check that the share of rows kept lies between.")] = {}
    checks: Annotated[
        dict[str, list[dict[str, Any]]],
        _said("Stage -> filters, {operator: NAME, ...}: a blocking check for each that every row of the stage's table passes it."),
    ] = {}
    export: Annotated[
        list[str | dict[str, Any]],
        _said("Files to write the result to, in the format of their ending; or data sets: {format: alpaca, path: FOLDER, splits: {...}}."),
    ] = []
    report: Annotated[str, _said("Folder of a report on the pipeline (report.html) and a dataset card, written after all else.")] = ""
    keep_versions: Annotated[
        int | None,
        _said("Versions of each table that stay after a run. By default all, until `dataflow gc` or the job maintenance."),
    ] = None
    workers: Annotated[
        int | str | None,
        _said('Processes on a table at once: a number, "auto" (a core each for large tables) or "ray" (a cluster). Else DATAFLOW_WORKERS, or auto.'),
    ] = None
    schedule: Annotated[
        str | ScheduleSettings | None,
        _said('When to run the whole pipeline: a cron expression, or {cron: "0 3 * * *", timezone: Europe/Berlin, switched_on: true}.'),
    ] = None
    watch: Annotated[bool, _said("Run the pipeline when the files of its source change and no writer is at work on them any more.")] = False
    settle_seconds: Annotated[float, _said("With `watch`: how long sizes and times of the files must stay the same before a run.")] = 10.0
    automation: Annotated[
        bool | str | list[str] | None,
        _said("When a stage refreshes itself: eager (its input changed), on_code_change, on_missing, a list of these, or off. true: the first two."),
    ] = None
    freshness: Annotated[
        FreshnessSettings | None, _said('How old the result may become: {within: "36 hours", warn_after: "24 hours"} or {deadline: "0 9 * * *"}.')
    ] = None
    retries: Annotated[int, _said("How often a stage is tried again after a failure that can pass, such as a model server that is gone.")] = 2
    owners: Annotated[list[str], _said("Owners of the assets: mail addresses, or team:NAME.")] = []
    tags: Annotated[dict[str, str], _said("Tags of the assets.")] = {}

    @classmethod
    def get_model_cls(cls) -> type[BaseModel] | None:
        return with_closest_names(cls.model())

    @classmethod
    def get_additional_scope(cls) -> Mapping[str, Any]:
        return {**super().get_additional_scope(), "env": Environment()}

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        return self.definitions()

    def definitions(self) -> dg.Definitions:
        """The assets, checks, job, schedule and sensors; without defs.yaml, build the component in Python and call this."""
        deployment = self.deployment()
        return deployed_definitions(
            deployment,
            schedule=schedule_of(self.schedule),
            settle_seconds=self.settle_seconds if self.watch else None,
            resources=deployment.own_resources,
        )

    def deployment(self) -> Deployment:
        """The compiled pipeline with its settings.

        Raises:
            CompileError, ParameterError: everything that is wrong with it.
        """
        self._check_numbers()
        pipeline = self.built_pipeline()
        sources = self.source_settings(pipeline)
        if self.watch and not any(settings.path for settings in sources.values()):
            raise ParameterError([Problem("watch: no source is files, so that there is nothing to watch", suggestion="write schedule instead")])
        name = self._name(pipeline)
        partitions = partitions_of(name, self.partitions, sources)
        databases = deployed_databases(self.database, sources)
        given: dict[str, Any] = {llm: _llm(llm, settings) for llm, settings in self.llms.items()}
        if databases is not None:
            given |= dict.fromkeys(database_names(pipeline), databases)
        compiled = pipeline.compile(resources=[*openable_needs(), *given], sharded=partitions.source if partitions else None)
        plan = dataclasses.replace(compiled, name=name)
        keys = {called: f"{name}_{called}" for called in given}
        automation = automation_of(self.automation or False)
        # a schedule or sensor runs shards; what is made of all of them can only follow when the last is done
        of_gathered = automation_of(True) if self.automation is None and (self.schedule or self.watch) else automation
        deployment = Deployment(
            plan=plan,
            pipeline=pipeline,
            sources=sources,
            bounds=self._bounds([stage.name for stage in plan.stages]),
            row_checks=row_checks_of(self.checks, plan),
            resource_keys=keys,
            own_resources={keys[called]: resource for called, resource in given.items()},
            pools=pool_names(self.llms),
            asked={"llm": {}, "embedding": {}, **self.llms, **({} if databases is None else _settings_of_each(pipeline, databases))},
            exports=tuple(path for path in self.export if isinstance(path, str)),
            datasets=self._datasets(plan, databases.place if databases is not None else ""),
            report=self.report,
            keep_versions=self._kept(),
            owners=tuple(self.owners),
            tags=self.tags,
            automation=condition_of(automation),
            automation_of_gathered=condition_of(of_gathered),
            freshness=self.freshness.policy() if self.freshness else None,
            retries=self.retries,
            partitions=partitions,
            workers=read_setting(self.workers),
        )
        check_written_files(deployment)
        return deployment

    def built_pipeline(self) -> Pipeline:
        return find_pipeline(self.pipeline)(**self.parameters).configure(self.stages)

    def source_settings(self, pipeline: Pipeline) -> Mapping[str, SourceSettings]:
        names = pipeline.source_names()
        if len(names) == 1:
            given = self.source.get(names[0], self.source) if isinstance(self.source, dict) else self.source
            return {names[0]: source_settings(given)}
        if not isinstance(self.source, dict) or set(self.source) != set(names):
            raise ValueError(f"{self.pipeline} has the sources {', '.join(names)}: give each under its name in `source`.")
        return {name: source_settings(self.source[name]) for name in names}

    def _name(self, pipeline: Pipeline) -> str:
        if self.name and not names_a_table(self.name):
            raise ParameterError([Problem(f'name: "{self.name}" cannot name a deployment', suggestion=ALLOWED)])
        name = self.name or pipeline.name
        if name in DISALLOWED_NAMES:
            raise ParameterError(
                [Problem(f'name: "{name}" is a word that Dagster or Python has for itself', suggestion="give the deployment another")]
            )
        return name

    def _datasets(self, plan: Plan, databases: str) -> tuple[DatasetSettings, ...]:
        """Raises ParameterError for one that the result cannot be made into."""
        found = tuple(dataset_settings({"databases": databases, **given}) for given in self.export if not isinstance(given, str))
        twice = [settings.format for settings in found if [other.format for other in found].count(settings.format) > 1]
        if twice:
            raise ParameterError([Problem(f"export: the format {twice[0]} stands there twice; one data set of each format")])
        for settings in found:
            check_dataset(plan[plan.outputs[0]].schema_out if plan.outputs[0] not in plan.sources else plan.sources[plan.outputs[0]], settings)
        return found

    def _check_numbers(self) -> None:
        """Raises ParameterError."""
        given = {"retries": self.retries, "settle_seconds": self.settle_seconds}
        problems = [Problem(f"{name}: {value}: give 0 or more") for name, value in given.items() if not 0 <= value < math.inf]
        if problems:
            raise ParameterError(problems)

    def _kept(self) -> int | None:
        if self.keep_versions is not None and self.keep_versions < 1:
            raise ParameterError([Problem(f"keep_versions: {self.keep_versions}: the current version of a table always stays: give 1 or more")])
        return self.keep_versions

    def _bounds(self, stages: Sequence[str]) -> dict[str, Bounds]:
        bounds = {}
        for stage, pair in self.keep_rate.items():
            if stage not in stages:
                listed = ("stages", ", ".join(stages))
                raise ParameterError([Problem(f'keep_rate: there is no stage "{stage}"', details=(listed,), suggestion=closest(stage, stages))])
            if len(pair) != 2 or not 0 <= pair[0] <= pair[1] <= 1:
                raise ParameterError([Problem(f"keep_rate: {stage}: {pair} is not [low, high] with both between 0 and 1")])
            bounds[stage] = Bounds(*pair)
        return bounds
