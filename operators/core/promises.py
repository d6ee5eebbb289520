"""The promises of the four kinds, checked on every batch of every run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from operators.core.batch import Batch, Processed
from operators.core.errors import PromiseBroken
from operators.core.types import ROW_ID

if TYPE_CHECKING:
    from operators.core.operator import Operator


def check_promise(operator: Operator, came_in: Batch, processed: Processed) -> None:
    """That a row by row operator did to a batch what its kind allows.

    Raises:
        PromiseBroken: it lost, added, reordered or changed what it may not.
    """
    if getattr(operator, "adds_rows", False):
        return
    rows, kept = came_in.rows, processed.kept.rows
    accounted = kept.num_rows + sum(rejection.rows.num_rows for rejection in processed.rejections)
    if accounted != rows.num_rows:
        raise PromiseBroken(f"{operator.name} was given {rows.num_rows} rows and accounted for {accounted}: a fault of the operator.")
    if ROW_ID not in rows.schema.names:
        return
    expected = rows if kept.num_rows == rows.num_rows else rows.filter(pc.is_in(rows.column(ROW_ID), value_set=kept.column(ROW_ID)))
    for name in _untouched(operator, rows.schema.names):
        if name not in kept.schema.names or not _same(kept.column(name), expected.column(name)):
            raise PromiseBroken(f'{operator.name}, which is of kind {operator.kind}, changed, reordered or lost "{name}": a fault of the operator.')


def _untouched(operator: Operator, names: Iterable[str]) -> list[str]:
    if operator.kind != "refine":
        return list(names)
    parts: tuple[Any, ...] = getattr(operator, "parts", (operator,))
    rewritten = {part.rewritten_column() for part in parts}
    return [name for name in names if name not in rewritten]


def _same(left: pa.Array, right: pa.Array) -> bool:
    if left is right or left.equals(right):
        return True
    return bool(pa.types.is_floating(left.type)) and bool(left.cast(pa.string()).equals(right.cast(pa.string())))
