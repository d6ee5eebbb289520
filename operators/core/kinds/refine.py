"""Refine: rewrite columns of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.core.functions import refuse_outputs
from operators.core.operator import Operator
from operators.engine.batch import Batch, Mask, Processed, Rejection, mask_of
from operators.engine.calls import Failed, RowResult, Skipped, as_array, python_values, typed_column
from operators.engine.nulls import skipped_rows
from operators.engine.step import Kind

_NOTHING = "returned null for a value that is there: return the new value"


class Refine(Operator, abstract=True):
    """Promise: the same rows in the same order, with only the input named by `rewrites` rewritten.

    Define one of `refine(self, text) -> text`, `refine_batch(self, text) -> array`; there is no form for a table. Nulls stay null, and no other value
    becomes one; rows that raise are set aside. The report counts the rows that changed; what they were is in the table that was read, under the same
    `row_id`.
    """

    kind: ClassVar[Kind] = "refine"
    verb: ClassVar[str] = "refine"
    rewrites: ClassVar[str] = ""
    """The short name of the input that is rewritten; the first one by default. The others are only read."""

    @classmethod
    def check_function(cls) -> None:
        super().check_function()
        refuse_outputs(cls, "a refiner", "it rewrites an input")

    def rewritten_column(self) -> str:
        columns = self.input_columns()
        return columns[self.rewrites or next(iter(columns))]

    def rewritten_columns(self) -> set[str]:
        return {self.rewritten_column()}

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        read = [(0, column) for column in dict.fromkeys(self.input_columns().values()) if column in tables[0].names]
        return {name: read if name == self.rewritten_column() else [(0, name)] for name in tables[0].names}

    def assemble(self, batch: Batch, results: list[RowResult]) -> Processed:
        name = self.rewritten_column()
        old = batch.column(name)
        for index, result in enumerate(results):
            if result is None and old[index].is_valid:
                results[index] = Failed(f"TypeError: {self.name} {_NOTHING}")
        values = [None if isinstance(result, Failed | Skipped) else result for result in results]
        new = typed_column(values, old.type, results, name)
        good = np.array([not isinstance(result, Failed) for result in results], dtype=bool)
        called = np.array([not isinstance(result, Skipped) for result in results], dtype=bool)
        new = _where(called, new.filter(pa.array(called)), old)
        return self._rewritten(batch, new, good, [result.error for result in results if isinstance(result, Failed)])

    def process_arrays(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        name = self.rewritten_column()
        old = batch.column(name)
        skipped = skipped_rows(self, batch)
        ready = batch.filter(~skipped)
        new = as_array(self.call_batch(ready, resources), old.type, len(ready), f"{self.name}, column {name},")
        if new.null_count and pc.any(pc.and_(new.is_null(), ready.column(name).is_valid())).as_py():
            raise TypeError(f"{self.name} {_NOTHING}")
        return self._rewritten(batch, _where(~skipped, new, old), np.ones(len(batch), dtype=bool), [])

    def value_of_row(self, one: Batch, resources: Mapping[str, Any]) -> RowResult:
        if skipped_rows(self, one).any():
            return Skipped("")
        return python_values(as_array(self.call_batch(one, resources), one.column(self.rewritten_column()).type, 1, self.name))[0]

    def _rewritten(self, batch: Batch, new: pa.Array, good: Mask, errors: list[str]) -> Processed:
        rows = batch.rows.set_column(
            batch.rows.schema.get_field_index(self.rewritten_column()), batch.rows.schema.field(self.rewritten_column()), new
        )
        changed_by = Counter({self.name: int((changed_rows(batch.column(self.rewritten_column()), new) & good).sum())})
        if good.all():
            return Processed(Batch(rows), changed_by=+changed_by)
        return Processed(Batch(rows).filter(good), [Rejection(batch.rows.filter(pa.array(~good)), errors, self.name, "failed")], +changed_by)


def _where(called: Mask, new: pa.Array, old: pa.Array) -> pa.Array:
    """The new values in their order where `called`, the old ones elsewhere; of any type."""
    if called.all():
        return new
    places = np.arange(len(old))
    places[called] = len(old) + np.arange(len(new))
    return pa.concat_arrays([old, new]).take(pa.array(places))


def changed_rows(old: pa.Array, new: pa.Array) -> Mask:
    """Where a column is another after it was rewritten."""
    if new.equals(old):
        return np.zeros(len(old), dtype=bool)
    if not (pa.types.is_string(old.type) or pa.types.is_large_string(old.type)):
        return np.array([before != after for before, after in zip(old.to_pylist(), new.to_pylist(), strict=True)], dtype=bool)
    equal = pc.equal(old, new)
    same = pc.if_else(equal.is_valid(), equal, pc.and_(old.is_null(), new.is_null()))
    return mask_of(pc.invert(same))
