"""Whatever parts a table is cut into, every registered operator gives the same rows, reasons and counts as on the whole table."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operators.core import registry
from operators.core.operator import Operator
from operators.engine.in_parts import Executor
from operators.engine.report import Report
from operators.engine.runner import run_operator
from operators.tables.storage import MemoryStorage
from operators.tables.types import ROW_ID
from operators.testing.scripted_database import ScriptedDatabase
from operators.testing.scripted_documents import ScriptedDocuments
from operators.testing.scripted_embedding import ScriptedEmbedding
from operators.testing.scripted_retriever import ScriptedRetriever
from operators.testing.scripted_sandbox import ScriptedSandbox
from operators.testing.scripted_serving import ScriptedServing
from operators.testing.scripted_web import ScriptedWeb
from operators.testing.strategies import inputs_of
from tests.engine.in_process import InProcess

EXAMPLES = settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
OPERATORS = list(registry.examples())


def outcome(operator: Operator, inputs: list[MemoryStorage], executor: Executor | None) -> tuple[pa.Table, pa.Table, Report]:
    """The rows that went on, those set aside with reasons, and the report."""
    kept, aside = MemoryStorage(), MemoryStorage()
    schemas = [storage.schema for storage in inputs]
    served = {"llm": ScriptedServing(), "embedding": ScriptedEmbedding(), "sandbox": ScriptedSandbox(), "documents": ScriptedDocuments()}
    resources = {**served, "database": ScriptedDatabase(), "retriever": ScriptedRetriever(), "web": ScriptedWeb()}
    with kept.writer(operator.schema_out(*schemas)) as rows, aside.writer(operator.schema_aside(*schemas)) as rejected:
        report = run_operator(operator, inputs, rows, rejected, resources=resources, executor=executor)
    return kept.read(), aside.read(), report


def exactly(table: pa.Table) -> tuple[pa.Schema, str]:
    """Equal for equal rows in the same order, whatever chunks they come in, with NaN equal to NaN and -0.0 unlike 0.0."""
    return table.schema, repr(table.to_pylist())


def counted(report: Report) -> dict[str, Any]:
    """Without what a session spent: it answers equal requests once, and each part has a session of its own. Pools take no such operators."""
    return {**report.as_dict(), "rejected_by": list(report.rejected_by.items()), "seconds": None, "usage": sorted(report.usage)}


def skip_what_cannot_run(operator: Operator) -> None:
    if problems := operator.package_problems():
        pytest.skip(problems[0].suggestion)
    if "model" in operator.needs:
        pytest.skip("its weights are not part of the project")


def cut_like(storage: MemoryStorage, executor: InProcess) -> MemoryStorage:
    """The same table with batches that end where parts end, as those of a stored table do."""
    rows = storage.read()
    return MemoryStorage(pa.concat_tables([rows.slice(0, 0), *(rows.slice(part.first, part.rows) for part in executor.cut(storage))]))


def with_nulls(table: pa.Table, first: bool) -> pa.Table:
    """With as many rows of nothing but nulls, before or after the others."""
    ids = pa.array([f"null-{row_id}" for row_id in table.column(ROW_ID).to_pylist()], pa.string())
    columns = [ids if field.name == ROW_ID else pa.nulls(table.num_rows, field.type) for field in table.schema]
    nulls = pa.Table.from_arrays(columns, schema=table.schema)
    return pa.concat_tables([nulls, table] if first else [table, nulls])


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
@EXAMPLES
@given(
    data=st.data(),
    cuts=st.lists(st.sampled_from([0, 150, 300, 500, 500, 850, 1000]), max_size=4),
    nulls=st.sampled_from(["none", "first", "last"]),
)
def test_parts_give_what_the_whole_table_gives(operator: Operator, data: st.DataObject, cuts: list[int], nulls: str) -> None:
    """Parts without rows, of one row, of nulls alone, and (as texts are odd) of which every row is rejected are among them."""
    skip_what_cannot_run(operator)
    operator = operator.changed(max_failed=1.0)
    drawn = data.draw(inputs_of(operator))
    if nulls != "none":
        drawn[0] = MemoryStorage(with_nulls(drawn[0].read(), nulls == "first"))
        cuts = [*cuts, 500]
    with tempfile.TemporaryDirectory() as folder:
        executor = InProcess(Path(folder), cuts)
        inputs = [cut_like(storage, executor) for storage in drawn]
        kept, aside, report = outcome(operator, inputs, None)
        kept_of_parts, aside_of_parts, report_of_parts = outcome(operator, inputs, executor)
        left = list(Path(folder).iterdir())
    assert exactly(kept_of_parts) == exactly(kept)
    assert exactly(aside_of_parts) == exactly(aside)
    assert counted(report_of_parts) == counted(report)
    assert not left, "files on their way were left"
    assert executor.done.count("sketch") > 0 if operator.sketches else "sketch" not in executor.done
