"""`Pipeline.run(..., warehouse="folder")`: the tables of all stages are kept. Declared under the entry point group "dataflow.runners"."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from dataflow_assets.running.source_run import SourceRun
from operators.engine.progress_bars import ProgressOf
from operators.pipeline.plan import Plan
from operators.pipeline.result import StageOutcome
from operators.tables.storage import Storage
from resources.llm.answers.paths import answers_beside
from resources.warehouse import Warehouse


def run_in_warehouse(
    plan: Plan,
    sources: Mapping[str, Storage],
    resources: Mapping[str, Any],
    place: str | os.PathLike[str],
    progress_of: ProgressOf,
    limit: int | None,
) -> dict[str, StageOutcome]:
    """Source or stage -> the version that was published, with its rows set aside. Each is published as it is done."""
    run = SourceRun(plan, sources, {"limit": limit}, {}, resources)
    with answers_beside(place):
        published = run.results(Warehouse(place, run.table_run()), progress_of)
        return {result.stage: StageOutcome(result.report, result.table, result.table.rejected()) for result in published}
