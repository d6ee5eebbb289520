"""The plan of a run without Dagster: what operators need has to be among what installed packages can open."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from operators.core.resources import names_that_can_be_given
from operators.pipeline.pipeline import Pipeline
from operators.pipeline.plan import Plan
from operators.tables.storage import Storage


def compile_for_run(pipeline: Pipeline, sources: Mapping[str, pa.Schema | Storage] | None = None, sharded: str | None = None) -> Plan:
    """The plan, with a problem for every resource that neither the sources come with nor a run without Dagster can give.

    Raises:
        CompileError: everything that is wrong.
    """
    operators = [operator for operator in pipeline.operators().values() if not operator.is_stand_in]
    tables = [source for source in (sources or {}).values() if isinstance(source, Storage)]
    return pipeline.compile(sources, resources=names_that_can_be_given(operators, tables=tables), sharded=sharded)
