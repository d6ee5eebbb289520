"""SQL expressions of one row: new columns, a condition, a rewritten column."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

import numpy as np
import pyarrow as pa
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator

from operators.core.kinds import Evaluate, Filter, Refine
from operators.core.operator import Operator
from operators.engine.batch import Batch, Processed, Verdict
from operators.engine.calls import Failed, RowResult
from operators.generic.sql.engine import ROWS, SQLError, TookTooLong, bound_schema, quoted
from operators.generic.sql.limits import RunsSQL
from operators.generic.sql.syntax import of_row
from operators.tables.columns import Input, Output
from operators.tables.errors import Problem, StageFailed
from operators.tables.types import type_name

_SHOWN = 60
Expressions: TypeAlias = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(lambda value: tuple(value.items()) if isinstance(value, Mapping) else value),
    PlainSerializer(dict),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}),
]
"""Column -> SQL expression."""


def _expression(text: str) -> str:
    """One that parses; as pydantic reports it."""
    of_row(text)
    return text


class OfRows(RunsSQL, Operator, abstract=True):
    """Expressions that depend on one row each: they are computed batch by batch, and the batches change nothing."""

    @abstractmethod
    def expressions(self) -> tuple[tuple[str, str], ...]:
        """Name of the result -> expression."""

    def inputs(self) -> dict[str, Input]:
        names = dict.fromkeys(name for _, expression in self.expressions() for name in of_row(expression).columns)
        return {name: Input(Any, nulls="pass") for name in names}

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if found:
            return found
        try:
            self.types(tables[0])
        except SQLError as error:
            return [Problem(f"SQL: {error}", details=self.expressions())]
        return []

    def types(self, table: pa.Schema) -> pa.Schema:
        """Name of the result -> its type, as DuckDB's binder gives it for a table of this schema."""
        columns = [table.field(name) for name in self.input_columns().values()]
        return _bound(self.query(), tuple((field.name, field.type) for field in columns))

    def query(self) -> str:
        """One SELECT of all expressions, with the columns under their short names."""
        given = ", ".join(f"{quoted(column)} AS {quoted(short)}" for short, column in self.input_columns().items()) or "1"
        made = ", ".join(f"(\n{expression}\n) AS {quoted(name)}" for name, expression in self.expressions())
        return f"SELECT {made} FROM (SELECT {given} FROM {ROWS}) AS {ROWS}"

    def values(self, rows: pa.RecordBatch) -> pa.Table:
        """The values of all expressions on some rows, in their order.

        Raises:
            SQLError: one of them cannot be computed on one of the rows.
        """
        columns = list(dict.fromkeys(self.input_columns().values()))
        given = pa.Table.from_batches([rows.select(columns)]) if columns else pa.table({"nothing": pa.nulls(rows.num_rows, pa.int8())})
        try:
            made = self.run_query(self.query(), given)
        except TookTooLong as error:  # each row alone would take its time too
            raise StageFailed(f"{self.name}: {error} on {rows.num_rows} rows") from None
        if made.num_rows != rows.num_rows:
            raise SQLError(f"it gave {made.num_rows} values for {rows.num_rows} rows")
        return made

    def one_by_one(self, batch: Batch) -> list[RowResult]:
        """The values of each row by name, or what DuckDB says against it; for a batch in which one cannot be computed."""
        results: list[RowResult] = []
        for place in range(len(batch)):
            try:
                results.append(self.values(batch.rows.slice(place, 1)).to_pylist()[0])
            except SQLError as error:
                results.append(Failed(str(error)))
        return results


@functools.lru_cache(maxsize=256)
def _bound(query: str, columns: tuple[tuple[str, pa.DataType], ...]) -> pa.Schema:
    return bound_schema(query, pa.schema(columns) if columns else pa.schema([("nothing", pa.int8())]))


class SQLColumnsEvaluator(OfRows, Evaluate):
    """Make columns by SQL expressions of each row: `SQLColumnsEvaluator(made={"words": "len(string_split(text, ' '))"})`.

    What DuckDB's SQL can say of one row can stand there: functions, CASE, casts, lists, structs, regular expressions. Names are columns of the table;
    the types of the new columns are those that DuckDB gives. A row on which an expression cannot be computed is set aside with what DuckDB says:
    `try_cast` and `try` give null instead.
    """

    covers = ("PandasOperator",)
    source = "DuckDB"
    asks = ("compute a new column with SQL", "derive fields with an expression", "arithmetic and string functions over columns")
    example: ClassVar[Mapping[str, Any]] = {"made": {"twice": "text || text"}}

    made: Expressions = Field(min_length=1, description="New column -> SQL expression of the row.")

    @field_validator("made")
    @classmethod
    def _parse(cls, made: Expressions) -> Expressions:
        for _, expression in made:
            _expression(expression)
        return made

    def expressions(self) -> tuple[tuple[str, str], ...]:
        return self.made

    def outputs(self) -> dict[str, Output]:
        return {name: Output(Any) for name, _ in self.made}

    def made_fields(self, *tables: pa.Schema) -> dict[str, pa.Field]:
        names = self.output_columns()
        return {field.name: pa.field(names[field.name], field.type) for field in self.types(tables[0])}

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        try:
            return super().schema_out(*tables)
        except (SQLError, KeyError):  # `problems` says what is wrong
            return tables[0]

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        schema = self.schema_out(batch.rows.schema)
        names = self.output_columns()
        types = {field.name: field.type for field in self.types(batch.rows.schema)}
        try:
            made = self.values(batch.rows)
            columns = {names[short]: made.column(short).combine_chunks() for short in types}
            return self._with_columns(batch, schema, columns, np.ones(len(batch), dtype=bool), [])
        except SQLError:
            results = self.one_by_one(batch)
        good = np.array([not isinstance(result, Failed) for result in results], dtype=bool)
        columns = {
            names[short]: pa.array([None if isinstance(result, Failed) else result[short] for result in results], type_)
            for short, type_ in types.items()
        }
        return self._with_columns(batch, schema, columns, good, [result.error for result in results if isinstance(result, Failed)])


class SQLFilter(OfRows, Filter):
    """Keep the rows for which an SQL condition is true: `SQLFilter(where="len(text) > 20 AND language IN ('de', 'fr')")`.

    A row for which it is false or null is rejected, with the values that it was decided by. The condition is what stands after WHERE in DuckDB's SQL.
    """

    covers = ("PandasOperator", "GeneralFilter")
    source = "DuckDB"
    asks = ("keep rows by an SQL where clause", "filter with a condition on several columns", "drop rows by an expression")
    example: ClassVar[Mapping[str, Any]] = {"where": "length(text) > 3"}

    where: Annotated[str, Field(min_length=1, description="SQL condition of the row.")]

    _parse = field_validator("where")(_expression)

    def expressions(self) -> tuple[tuple[str, str], ...]:
        return (("where", self.where),)

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if not found and not pa.types.is_boolean(made := self.types(tables[0]).field("where").type):
            found = [Problem(f"the condition is {type_name(made)}, not true or false", details=(("where", self.where),))]
        return found

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        try:
            decided: list[RowResult] = self.values(batch.rows).column("where").to_pylist()
        except SQLError:
            decided = [result if isinstance(result, Failed) else result["where"] for result in self.one_by_one(batch)]
        return self.assemble(batch, [one if isinstance(one, Failed) or one else self._reason(batch, place, one) for place, one in enumerate(decided)])

    def _reason(self, batch: Batch, place: int, decided: bool | None) -> tuple[bool, str]:
        values = [f"{column} = {_shown(batch.column(column)[place].as_py())}" for column in self.input_columns().values()]
        beside = f" ({', '.join(values)})" if values else ""
        return False, f"{' '.join(self.where.split())} is {'false' if decided is False else 'null'}{beside}"

    def judge(self, batch: Batch, resources: Mapping[str, Any]) -> Verdict:
        return Verdict(np.array([one is True for one in self.values(batch.rows).column("where").to_pylist()], dtype=bool))


class SQLRefiner(OfRows, Refine):
    """Rewrite a column by an SQL expression of each row: `SQLRefiner(to="trim(lower(text))")` rewrites `text`.

    The value is cast to the type that the column has. A null stays null. A row on which it cannot be computed, or cast, is set aside with what DuckDB
    says. To rewrite another column bind `input_text`; the other columns of the expression are only read.
    """

    covers = ("PandasOperator",)
    source = "DuckDB"
    asks = ("rewrite a column with SQL", "lower case, trim or replace in place", "fix values with a CASE expression")
    example: ClassVar[Mapping[str, Any]] = {"to": "trim(text)"}

    to: Annotated[str, Field(min_length=1, description="SQL expression of the new value.")]
    rewritten: str = Field("text", description="Name of the column that is rewritten.")

    _parse = field_validator("to")(_expression)

    def expressions(self) -> tuple[tuple[str, str], ...]:
        return (("to", self.to),)

    def inputs(self) -> dict[str, Input]:
        return {self.rewritten: Input(Any, nulls="skip"), **{name: one for name, one in super().inputs().items() if name != self.rewritten}}

    def rewritten_column(self) -> str:
        return self.input_columns()[self.rewritten]

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        old = batch.column(self.rewritten_column())
        here = old.is_valid()
        ready = batch.filter(here.to_numpy(zero_copy_only=False).astype(bool))
        try:
            made = self.values(ready.rows).column("to").combine_chunks().cast(old.type)
            results: list[RowResult] = made.to_pylist()
        except (SQLError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
            results = [self._cast(result, old.type) for result in self.one_by_one(ready)]
        values = iter(results)
        return self.assemble(batch, [next(values) if present else None for present in here.to_pylist()])

    def _cast(self, result: RowResult, type_: pa.DataType) -> RowResult:
        if isinstance(result, Failed):
            return result
        try:
            return pa.array([result["to"]]).cast(type_)[0].as_py()
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            return Failed(f"{_shown(result['to'])} is no {type_name(type_)}: {error}")


def _shown(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
