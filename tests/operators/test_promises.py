"""The promises of the four kinds, for every registered operator, on tables of any content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operators.core import registry
from operators.core.operator import Operator
from operators.engine.report import OtherTable, Report
from operators.tables.storage import MemoryStorage
from operators.tables.types import PARENT_IDS
from tests.operators.tables import inputs_of
from tests.scripted_serving import ScriptedServing

EXAMPLES = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class LengthEmbedding:
    """Texts of equal length point the same way."""

    dimensions = 2

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        angles = np.array([len(text) % 100 for text in texts], np.float32) / 50
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def every(kind: str) -> Any:
    operators = [operator for operator in registry.examples() if operator.kind == kind]
    return pytest.mark.parametrize("operator", operators, ids=lambda operator: operator.name)


def run(operator: Operator, data: st.DataObject) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that came in, went on and were set aside."""
    if problems := operator.package_problems():
        pytest.skip(problems[0].suggestion)
    if "model" in operator.needs:
        pytest.skip("its weights are not part of the project; tests/text tests it on tiny models")
    inputs = data.draw(inputs_of(operator))
    kept, rejected = MemoryStorage(), MemoryStorage()
    report = operator.changed(max_failed=1.0).run(
        *inputs, into=kept, rejected=rejected, resources={"llm": ScriptedServing(), "embedding": LengthEmbedding()}
    )
    rows = kept.read().to_pylist()
    aside = rejected.read().to_pylist()
    assert_every_row_is_accounted_for(operator, inputs, rows, aside, report)
    assert kept.schema == operator.schema_out(*(storage.schema for storage in inputs))
    assert (report.rows_in, report.rows_out, report.rejected) == (inputs[0].count_rows(), len(rows), len(aside))
    assert len({row["row_id"] for row in rows}) == len(rows)
    again = MemoryStorage()
    operator.changed(max_failed=1.0).run(*inputs, into=again, resources={"llm": ScriptedServing(), "embedding": LengthEmbedding()})
    assert repr(again.read().to_pylist()) == repr(rows), "the same input gave another table"
    return inputs[0].read().to_pylist(), rows, aside


def assert_every_row_is_accounted_for(
    operator: Operator, inputs: Sequence[MemoryStorage], rows: list[dict[str, Any]], aside: list[dict[str, Any]], report: Report
) -> None:
    """Each row of a table that the operator accounts for goes on, is named as a parent, or is set aside with the reason; and is counted as such."""
    assert operator.accounts_for == operator.tables or not operator.adds_rows, "an operator that makes rows accounts for all tables"
    gone_on = {row["row_id"] for row in rows} | {parent for row in rows for parent in row.get(PARENT_IDS) or ()}
    reasons = {row["row_id"]: row["rejected_reason"] for row in aside}
    assert all(reasons.values())
    assert len(reasons) == len(aside), "a row was set aside twice"
    came_in: set[str] = set()
    for name, storage in zip(operator.tables, inputs, strict=True):
        if name in operator.accounts_for:
            ids = set(storage.read().column("row_id").to_pylist())
            assert ids <= gone_on | set(reasons), f"of rows of the table {name} nothing is said"
            came_in |= ids
            if name != operator.tables[0]:
                assert report.other_tables[name] == OtherTable(len(ids), len(ids - set(reasons)))
    assert set(reasons) <= came_in


def without(row: dict[str, Any], *names: str) -> str:
    return repr({name: value for name, value in row.items() if name not in names})


@every("evaluate")
@EXAMPLES
@given(data=st.data())
def test_evaluate_adds_columns_to_the_same_rows(operator: Operator, data: st.DataObject) -> None:
    came_in, kept, rejected = run(operator, data)
    failed = {row["row_id"] for row in rejected}
    expected = [row for row in came_in if row["row_id"] not in failed]
    here = {row["row_id"] for row in came_in}
    assert all(row["rejected_as"] == "failed" for row in rejected if row["row_id"] in here)
    names = set(came_in[0]) if came_in else set()
    assert [repr({name: row[name] for name in row if name in names}) for row in kept] == [repr(row) for row in expected]


@every("filter")
@EXAMPLES
@given(data=st.data())
def test_a_filter_keeps_a_subset_unchanged_and_accounts_for_the_rest(operator: Operator, data: st.DataObject) -> None:
    came_in, kept, rejected = run(operator, data)
    ids = {row["row_id"] for row in kept}
    assert [repr(row) for row in came_in if row["row_id"] in ids] == [repr(row) for row in kept]
    aside = {row["row_id"]: row for row in rejected}
    assert set(aside) == {row["row_id"] for row in came_in} - ids
    told = ("rejected_as", "rejected_by", "rejected_reason")
    assert all(without(aside[row["row_id"]], *told) == repr(row) for row in came_in if row["row_id"] in aside)
    assert all(row["rejected_reason"] and row["rejected_by"] for row in rejected)


@every("refine")
@EXAMPLES
@given(data=st.data())
def test_refine_rewrites_only_its_column(operator: Operator, data: st.DataObject) -> None:
    came_in, kept, rejected = run(operator, data)
    rewritten = [part.rewritten_column() for part in getattr(operator, "parts", (operator,))]
    failed = {row["row_id"] for row in rejected}
    assert [without(row, *rewritten) for row in came_in if row["row_id"] not in failed] == [without(row, *rewritten) for row in kept]
    nulls = {row["row_id"] for row in came_in if all(row[name] is None for name in rewritten)}
    assert all(row[name] is None for row in kept if row["row_id"] in nulls for name in rewritten)


@every("generate")
@EXAMPLES
@given(data=st.data())
def test_generate_keeps_the_rows_or_names_the_parents_of_new_ones(operator: Operator, data: st.DataObject) -> None:
    came_in, kept, rejected = run(operator, data)
    known = {row["row_id"] for row in came_in}
    if not operator.adds_rows:
        aside = {row["row_id"] for row in rejected}
        assert [row["row_id"] for row in kept] == [row["row_id"] for row in came_in if row["row_id"] not in aside]
        return
    if len(operator.tables) == 1:
        assert all(row["row_id"] in known or (row[PARENT_IDS] and set(row[PARENT_IDS]) <= known) for row in kept)


@pytest.mark.parametrize("operator", list(registry.examples()), ids=lambda operator: operator.name)
def test_every_operator_says_what_it_is(operator: Operator) -> None:
    cls = type(operator)
    assert (cls.__doc__ or "").strip(), "a docstring"
    assert operator.kind in ("evaluate", "filter", "refine", "generate")
    assert registry.build(operator.as_dict()) == operator
    assert registry.find(cls.__name__) is cls
    assert cls.model_json_schema()["type"] == "object"
