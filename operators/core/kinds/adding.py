"""Evaluate and Generate both add columns to the same rows; this is how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.core.operator import Operator
from operators.engine.batch import Batch, Mask, Processed, Rejection
from operators.engine.calls import Failed, RowResult, Skipped, as_array, python_values, typed_column
from operators.engine.nulls import null_columns, skipped_rows
from operators.engine.rows_reader import RowsReader
from operators.engine.values import outside
from operators.tables.columns import BoundColumns, Output, declared_outputs
from operators.tables.errors import StageFailed, first_line
from operators.tables.types import ROW_ID, arrow_type, closed_set


class AddsColumns(Operator, abstract=True):
    """Same rows, same order, new columns. A row for which the function raises is set aside; one with a null input gets nulls."""

    @classmethod
    def check_function(cls) -> None:
        super().check_function()
        as_declared = cls.outputs is BoundColumns.outputs and cls.made_fields is AddsColumns.made_fields
        if cls.function is not None and as_declared and not declared_outputs(cls) and not (cls.adds_rows and cls.scope == "table"):
            raise TypeError(f"{cls.__name__} makes no column: declare one, such as output_score = Output(float).")

    def summed(self) -> tuple[str, ...]:
        """The outputs, by short name, whose sums over all rows are told in the report: counts of tokens."""
        return ()

    def scored(self) -> tuple[str, ...]:
        """The outputs, by short name, of whose numbers the report tells how many rows have which: what a language model says of rows."""
        return ()

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        schema = tables[0]
        for field in self.made_fields(*tables).values():
            schema = schema.append(field) if field.name not in schema.names else schema.set(schema.get_field_index(field.name), field)
        return schema

    def made_fields(self, *tables: pa.Schema) -> dict[str, pa.Field]:
        """The new columns by output name. Operators whose new columns depend on their tables override this."""
        return self._output_fields()

    def _output_fields(self) -> dict[str, pa.Field]:
        names = self.output_columns()
        return {short: pa.field(names[short], _stored_type(self.name, short, output)) for short, output in self.outputs().items()}

    def assemble(self, batch: Batch, results: list[RowResult]) -> Processed:
        outputs = list(self.outputs())
        results = [self._named(result, outputs) for result in results]
        columns: dict[str, pa.Array] = {}
        for short, field in self._output_fields().items():
            values = [result.get(short) if isinstance(result, dict) else None for result in results]
            columns[field.name] = typed_column(values, field.type, results, short)
            for index, reason in self.unnamed_values(short, columns[field.name]):
                results[index] = Failed(f"TypeError: {reason}")
        good = np.array([not isinstance(result, Failed) for result in results], dtype=bool)
        return self._with_columns(
            batch, self.schema_out(batch.rows.schema), columns, good, [result.error for result in results if isinstance(result, Failed)]
        )

    def process_arrays(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        skipped = skipped_rows(self, batch)
        ready = batch.filter(~skipped)
        arrays = self._arrays(self.call_batch(ready, resources), len(ready)) if len(ready) or not len(batch) else {}
        columns = {}
        for short, field in self._output_fields().items():
            array = arrays.get(short, pa.array([], field.type))
            columns[field.name] = _spread(array, ~skipped) if skipped.any() else array
        return self._with_columns(batch, self.schema_out(batch.rows.schema), columns, np.ones(len(batch), dtype=bool), [])

    def value_of_row(self, one: Batch, resources: Mapping[str, Any]) -> RowResult:
        if skipped_rows(self, one).any():
            return Skipped("")
        return {short: python_values(array)[0] for short, array in self._arrays(self.call_batch(one, resources), 1).items()}

    def combine(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> pa.RecordBatch:
        """`evaluate_table(rows)` returns the new columns of all rows it was given, as arrays by output name."""
        wanted = self.made_fields(*(table.storage.schema for table in tables))
        returned = self.call_table(tables, resources)
        try:
            arrays = {short: _one_array(values) for short, values in by_output(self, returned, list(wanted)).items()}
        except TypeError as error:
            raise StageFailed(str(error)) from error
        given = sorted({len(array) for array in arrays.values()}) or [0]
        if len(given) > 1:
            raise StageFailed(f"{self.name} gave {given} values for its outputs: one for each row is needed.")
        columns = {field.name: as_array(arrays[short], field.type, given[0], f"{self.name}, output {short},") for short, field in wanted.items()}
        for short, field in wanted.items():
            for _, reason in self.unnamed_values(short, columns[field.name]):
                raise StageFailed(f"{self.name}: {reason}")
        return pa.RecordBatch.from_arrays(list(columns.values()), schema=pa.schema(list(wanted.values())))

    def apply(self, batch: Batch, conclusion: pa.RecordBatch, schema: pa.Schema) -> Processed:
        skipped = skipped_rows(self, batch)
        columns = {
            name: _spread(column, ~skipped) if skipped.any() else column
            for name, column in zip(conclusion.schema.names, conclusion.columns, strict=True)
        }
        return self._with_columns(batch, schema, columns, np.ones(len(batch), dtype=bool), [])

    def unused_rows(self, tables: Sequence[RowsReader], table: str, used: Collection[str], reason: str) -> Iterator[Processed]:
        """The rows of an input table that are not among `used`, set aside: a null in an input is the reason, or else `reason`."""
        place = self.tables.index(table)
        storage = tables[place].storage
        ids = pa.array(list(used), pa.string())
        none = Batch(pa.RecordBatch.from_pylist([], schema=self.schema_out(*(reader.storage.schema for reader in tables))))
        if all(pc.all(pc.is_in(rows.column(ROW_ID), value_set=ids)).as_py() in (True, None) for rows in storage.batches([ROW_ID])):
            return
        for rows in storage.batches():
            left = Batch(rows.filter(pc.invert(pc.is_in(rows.column(ROW_ID), value_set=ids))))
            if len(left):
                nulls = null_columns(self, left.rows) if place == 0 else [""] * len(left)
                reasons = [f"{name} is null" if name else reason for name in nulls]
                yield Processed(none, [Rejection(left.rows, reasons, self.name)], table=table if place else "")

    def _arrays(self, returned: Any, count: int) -> dict[str, pa.Array]:
        fields = self._output_fields()
        arrays = {
            short: as_array(values, fields[short].type, count, f"{self.name}, output {short},")
            for short, values in by_output(self, returned, list(fields)).items()
        }
        for short, array in arrays.items():
            for _, reason in self.unnamed_values(short, array):
                raise TypeError(reason)
        return arrays

    def unnamed_values(self, short: str, array: pa.Array) -> Iterator[tuple[int, str]]:
        """(Place, what is wrong) of the values that are none of those that the output's type names."""
        declared = self.outputs().get(short)
        allowed = closed_set(declared.type) if declared is not None else None
        if allowed is not None:
            for index in np.flatnonzero(outside(array, allowed)).tolist():
                yield index, f"{short} is {str(array[index].as_py())[:80]!r}, which is none of {', '.join(map(str, allowed))}"

    def _named(self, result: RowResult, outputs: list[str]) -> RowResult:
        if isinstance(result, Failed | Skipped):
            return result
        try:
            return values_of_row(self, result, outputs)
        except TypeError as error:
            return Failed(first_line(error))

    def _with_columns(self, batch: Batch, schema: pa.Schema, columns: dict[str, pa.Array], good: Mask, errors: Sequence[str]) -> Processed:
        arrays = [columns[name] if name in columns else batch.column(name) for name in schema.names]
        kept = Batch(pa.RecordBatch.from_arrays(arrays, schema=schema)).filter(good)
        names = self.output_columns()
        totals = Counter({names[short]: pc.sum(kept.column(names[short])).as_py() or 0 for short in self.summed()})
        failed = [] if good.all() else [Rejection(batch.rows.filter(pa.array(~good)), errors, self.name, "failed")]
        scores = Counter({score: rows for short in self.scored() for score, rows in _rows_by_score(names[short], kept.column(names[short]))})
        return Processed(kept, failed, totals=totals, scores=scores)


def by_output(operator: Operator, returned: Any, outputs: list[str]) -> dict[str, Any]:
    """What a function returned, by output name: it may be the value of the only output, a tuple in their order, or a dict.

    Raises:
        TypeError: it is none of these, or lacks an output.
    """
    if isinstance(returned, Mapping) and not _is_value(operator, returned, outputs):
        missing = [short for short in outputs if short not in returned]
        if missing:
            given = ", ".join(str(name)[:40] for name in list(returned)[:5]) or "nothing"
            raise TypeError(f"{operator.name} returned no {missing[0]!r}, but {given}; its outputs are {', '.join(outputs)}.")
        return {short: returned[short] for short in outputs}
    if len(outputs) == 1:
        return {outputs[0]: returned}
    if isinstance(returned, tuple) and len(returned) == len(outputs):
        return dict(zip(outputs, returned, strict=True))
    raise TypeError(
        f"{operator.name} returned {type(returned).__name__} for its outputs {', '.join(outputs)}: return a tuple in this order, or a dict."
    )


def values_of_row(operator: Operator, returned: Any, outputs: list[str]) -> dict[str, Any]:
    """`by_output` of one row, for which None is a null in each output."""
    return dict.fromkeys(outputs) if returned is None else by_output(operator, returned, outputs)


def _is_value(operator: Operator, returned: Mapping[Any, Any], outputs: list[str]) -> bool:
    """Whether a mapping is the value of the only output, not that value under the output's name."""
    if len(outputs) != 1 or list(returned) == outputs:
        return False
    declared = operator.outputs().get(outputs[0])
    type_ = arrow_type(declared.type) if declared is not None else None
    return type_ is not None and (type_ == pa.json_() or pa.types.is_struct(type_) or pa.types.is_map(type_))


def _rows_by_score(name: str, column: pa.Array) -> Iterator[tuple[str, int]]:
    """Fractions are told apart by tenths."""
    numbers = pc.round(pc.drop_null(column).cast(pa.float64()), 1) if pa.types.is_floating(column.type) else pc.drop_null(column)
    for counted in pc.value_counts(numbers).to_pylist():
        yield f"{name} = {counted['values']}", counted["counts"]


def _stored_type(operator: str, short: str, output: Output) -> pa.DataType:
    type_ = arrow_type(output.type)
    if type_ is None:
        raise TypeError(f"{operator}, output_{short}: an output needs a type, not Any.")
    return type_


def _spread(array: pa.Array, present: Mask) -> pa.Array:
    """The values at the rows where `present`, nulls elsewhere."""
    places = np.cumsum(present) - 1
    return array.take(pa.array(places, pa.int64(), mask=~present))


def _one_array(values: Any) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    return values if isinstance(values, pa.Array) else pa.array(values)
