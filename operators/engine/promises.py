"""The promises of the four kinds, checked on every batch of every run."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from operators.engine.batch import Batch, Processed
from operators.engine.step import Step
from operators.tables.errors import PromiseBroken
from operators.tables.types import PARENT_IDS, ROW_ID


def check_promise(operator: Step, came_in: Batch, processed: Processed) -> None:
    """That a row by row operator did to a batch what its kind allows.

    Raises:
        PromiseBroken: it lost, added, reordered or changed what it may not.
    """
    if operator.adds_rows:
        return
    rows, kept = came_in.rows, processed.kept.rows
    accounted = kept.num_rows + sum(rejection.rows.num_rows for rejection in processed.rejections)
    if accounted != rows.num_rows:
        raise PromiseBroken(f"{operator.name} was given {rows.num_rows} rows and accounted for {accounted}: a fault of the operator.")
    if ROW_ID not in rows.schema.names:
        return
    expected = rows if kept.num_rows == rows.num_rows else rows.filter(pc.is_in(rows.column(ROW_ID), value_set=kept.column(ROW_ID)))
    rewritten = operator.rewritten_columns() - {ROW_ID, PARENT_IDS}
    for name in rows.schema.names:
        if name in rewritten:
            continue
        if name not in kept.schema.names or not _same(kept.column(name), expected.column(name)):
            raise PromiseBroken(f'{operator.name}, which is of kind {operator.kind}, changed, reordered or lost "{name}": a fault of the operator.')


def _same(left: pa.Array, right: pa.Array) -> bool:
    if left is right or left.equals(right):
        return True
    if pa.types.is_nested(left.type):  # NaN is not equal to itself, inside lists and structs too
        return repr(left.to_pylist()) == repr(right.to_pylist())
    return bool(pa.types.is_floating(left.type)) and bool(left.cast(pa.string()).equals(right.cast(pa.string())))
