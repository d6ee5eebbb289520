"""All stages of a pipeline over given sources, shard by shard where one comes in shards."""

from __future__ import annotations

import functools
import glob
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dataflow_assets.running.stages import StageResult, load_source, run_stage
from dataflow_assets.running.workers import Workers
from operators.core.resources import open_resources
from operators.engine.report import Progress
from operators.pipeline.plan import Plan
from operators.tables.errors import ParameterError, Problem
from operators.tables.files import FileStorage
from operators.tables.storage import Storage
from resources.sources import SourceSettings, find_shards
from resources.warehouse import Warehouse
from resources.warehouse.table_run import TableRun


@dataclass(frozen=True)
class SourceRun:
    plan: Plan
    sources: Mapping[str, Storage]
    reading: Mapping[str, Any]
    """How sources are read: arguments of `load_source`, such as `limit`."""
    shards: Mapping[str, str]
    """Shard -> its file, by name; none where no source comes in shards."""
    resources: Mapping[str, Any] = field(default_factory=dict)
    """Those that are given; the others are opened as the environment says."""

    @staticmethod
    def of(plan: Plan, sources: Mapping[str, Storage], reading: Mapping[str, Any]) -> SourceRun:
        """Raises ParameterError where the source that should come in shards is not files."""
        if plan.sharded_source is None:
            return SourceRun(plan, sources, reading, {})
        source = sources[plan.sharded_source]
        if not isinstance(source, FileStorage):
            raise ParameterError([Problem(f"the source {plan.sharded_source} is not files, and only files come in shards", "--shards")])
        return SourceRun(plan, sources, reading, dict(sorted(find_shards(SourceSettings(path=source.path)).items())))

    def table_run(self) -> TableRun:
        """For the warehouse of the tables: this run reads what it makes, also beside another run of the same pipeline."""
        names = [*self.plan.sources, *(stage.name for stage in self.plan.stages)]
        return TableRun(uuid.uuid4().hex, frozenset((self.plan.name, name) for name in names))

    def all_stages(self, tables: Warehouse, progress_of: Callable[[str], Progress], workers: Workers | None = None) -> dict[str, dict[str, Any]]:
        """Source or stage -> what was done, of shards together, in the order of the plan. `workers` help with stages that can be done in parts."""
        reports = {result.stage: result.report.as_dict() for result in self.results(tables, progress_of, workers)}
        for name in reports:
            if self.plan.is_sharded(name):
                reports[name] = tables.gathered(self.plan.name, name, list(self.shards)).run_facts()
        order = [*self.plan.sources, *(stage.name for stage in self.plan.stages)]
        return {name: reports[name] for name in order}

    def results(self, tables: Warehouse, progress_of: Callable[[str], Progress], workers: Workers | None = None) -> Iterator[StageResult]:
        """What is published, as it is: sources and stages, and of those in shards each shard."""
        plan, resources = self.plan, open_resources([stage.operator for stage in self.plan.stages], self.resources, self.sources.values())
        progress_of = functools.cache(progress_of)  # a bar a stage, which starts anew with each shard
        for shard, file in self.shards.items():
            name = plan.sharded_source or ""
            storage, progress = FileStorage(glob.escape(file)), progress_of(name)
            yield load_source(tables, plan.name, name, storage, progress=progress, shard=shard, expected=plan.sources[name], **self.reading)
            for stage in plan.stages:
                if stage.sharded:
                    yield run_stage(tables, plan, stage.name, resources, progress=progress_of(stage.name), shard=shard, workers=workers)
        for name, source in self.sources.items():
            if not plan.is_sharded(name):
                yield load_source(tables, plan.name, name, source, progress=progress_of(name), **self.reading)
        for stage in plan.stages:
            if not stage.sharded:
                yield run_stage(tables, plan, stage.name, resources, progress=progress_of(stage.name), shards=list(self.shards), workers=workers)
