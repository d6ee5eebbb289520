"""What the engine calls of an operator: its function, for rows, batches or tables, and what the kinds make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pyarrow as pa

from operators.core.functions import OperatorFunction, check_arguments, check_form, names_of
from operators.engine.batch import Batch, Processed
from operators.engine.calls import FATAL, RowResult, call, call_on_batch, find_failing_rows, row_arguments
from operators.engine.nulls import skipped_rows
from operators.engine.parts import check_conclusion
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import BoundColumns, declared_inputs
from operators.tables.errors import ProblemsFound, StageFailed, first_line


class Processing(BoundColumns):
    """The part of `Operator` that authors need not know: a kind overrides some of it, a family of operators now and then the rest."""

    scope: ClassVar[Literal["row", "table"]]
    verb: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    function: ClassVar[OperatorFunction | None]

    if TYPE_CHECKING:

        def schema_out(self, *tables: pa.Schema) -> pa.Schema: ...

    @property
    def asynchronous(self) -> bool:
        """True for operators that wait for a model: the runner keeps many of their rows in flight."""
        return self.function is not None and self.function.form == "row" and self.function.asynchronous

    def row_function(self) -> Callable[..., Any]:
        return self._of_form("row")

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        """What becomes of a batch of rows. Needs `scope == "row"` and a function that is not asynchronous."""
        if self.function is not None and self.function.form == "row":
            function = self.row_function()
            return self.assemble(batch, [call(function, arguments, resources) for arguments in row_arguments(self, batch)])
        try:
            return self.process_arrays(batch, resources)
        except FATAL:
            raise
        except Exception:  # which rows raise is found out one by one, and those are set aside with what they raised
            return self.assemble(batch, find_failing_rows(batch, lambda one: self.value_of_row(one, resources)))

    def process_arrays(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        """What becomes of a batch, by the function of a batch. One raise here and the rows are tried one by one."""
        raise TypeError(f"{self.name} is of no kind: subclass Evaluate, Filter, Refine or Generate.")

    def value_of_row(self, one: Batch, resources: Mapping[str, Any]) -> RowResult:
        """What the function of a batch says of a batch of one row, as the function of a row would have returned it."""
        raise TypeError(f"{self.name} is of no kind: subclass Evaluate, Filter, Refine or Generate.")

    def assemble(self, batch: Batch, results: list[RowResult]) -> Processed:
        """What becomes of a batch, given what the function of a row returned for each row."""
        raise TypeError(f"{self.name} is of no kind: subclass Evaluate, Filter, Refine or Generate.")

    @property
    def combines(self) -> bool:
        """True for whole-table operators that decide once, by `combine`, and then `apply` that to each row; false for those that stream."""
        return self.scope == "table" and type(self).process_table is Processing.process_table

    @property
    def sketches(self) -> bool:
        """Whether `sketch` is defined. Where it is not, the rows themselves are read: the default sketch are the columns that the operator reads."""
        return type(self).sketch is not Processing.sketch

    @property
    def memory(self) -> Literal["row", "sketch", "table"]:
        """What is held of a table of any length: a batch of rows at a time; a sketch of each row; or of all rows the columns that are read."""
        if self.scope == "row":
            return "row"
        return "sketch" if self.sketches else "table"

    @property
    def sketch_bytes(self) -> int:
        """Bytes of what `sketch` makes of a row, its id included, as Arrow holds them; 0 where there is no sketch. Defined where `sketch` is."""
        return 0

    def sketch(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """What has to be known of some rows to decide on all rows: digests, signatures. `rows` are as `RowsReader.batches` gives them.

        It depends on these rows alone, so that any process can make it of any part of a table. The function of the table reads it with
        `RowsReader.sketches`. What it takes of memory is said by `sketch_bytes`.
        """
        raise TypeError(f"{self.name} has no sketch of its own: read the rows.")

    def examine(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """What has to be known besides of the few rows that their sketches leave in doubt; as `sketch`, it depends on these rows alone.

        The function of the table says which rows, and reads it with `RowsReader.examined`.
        """
        raise TypeError(f"{self.name} examines no rows: its sketches say all.")

    def combine(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> pa.RecordBatch:
        """What is decided on all rows of the first table, by its function of a table: one row for each that is not left out for a null."""
        raise TypeError(f"{self.name} does not work on whole tables.")

    def apply(self, batch: Batch, conclusion: pa.RecordBatch, schema: pa.Schema) -> Processed:
        """What becomes of a batch, given what was decided on its rows, and the columns after the operator."""
        raise TypeError(f"{self.name} does not work on whole tables.")

    def apply_to_others(self, tables: Sequence[RowsReader]) -> Iterator[Processed]:
        """What becomes of the rows of further tables that the operator accounts for."""
        yield from ()

    def process_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Iterator[Processed]:
        """What becomes of all rows, for `scope == "table"`: combine, then apply batch by batch. Operators that stream override this."""
        conclusion = self.combine(tables, resources)
        schema = self.schema_out(*(table.storage.schema for table in tables))
        at = 0
        for rows in tables[0].storage.batches():
            batch = Batch(rows)
            count = len(batch) - int(skipped_rows(self, batch).sum())
            if at + count > conclusion.num_rows:
                check_conclusion(self.name, conclusion, int(tables[0].present().sum()))
            yield self.apply(batch, conclusion.slice(at, count), schema)
            at += count
        check_conclusion(self.name, conclusion, at)
        yield from self.apply_to_others(tables)

    def call_batch(self, batch: Batch, resources: Mapping[str, Any]) -> Any:
        return call_on_batch(self, self._of_form("batch"), batch, resources)

    def call_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Any:
        with self._said_of_the_function():
            returned = self._of_form("table")(*tables, **resources)
        return self._each_of(returned) if isinstance(returned, Iterator) else returned

    def _each_of(self, made: Iterator[Any]) -> Iterator[Any]:
        with self._said_of_the_function():
            yield from made

    @contextmanager
    def _said_of_the_function(self) -> Iterator[None]:
        """What the function of a table raises stops the stage, which says of what operator it is. An OSError can pass when it is tried again."""
        try:
            yield
        except (*FATAL, ProblemsFound, OSError):
            raise
        except Exception as error:
            raise StageFailed(f"{self.name}.{self.verb}_table raised {first_line(error)}") from error

    def _of_form(self, form: str) -> Callable[..., Any]:
        if self.function is None or self.function.form != form:
            raise TypeError(f"{self.name} has no function of a {form}.")
        return self.function.of(self)

    @classmethod
    def check_function(cls) -> None:
        """Raises TypeError: the class has no function, or one that cannot be called with its inputs."""
        if cls.sketch is not Processing.sketch and cls.sketch_bytes is Processing.sketch_bytes:
            raise TypeError(f"{cls.__name__} defines sketch and not how large one is: define the property sketch_bytes, in bytes of a row.")
        function = cls.function
        if function is None:
            if cls.process is Processing.process and not cls._has_table_process():
                *ordinary, of_table = names_of(cls.verb)
                raise TypeError(f"{cls.__name__} has nothing to do: define {' or '.join(ordinary)} or, with scope = 'table', {of_table}.")
            return
        check_form(cls, function, getattr(cls, "adds_rows", False))
        if (function.form == "table") != (cls.scope == "table"):
            raise TypeError(f"{cls.__name__} defines {function.name} but its scope is '{cls.scope}'.")
        if function.form in ("row", "batch") and cls.inputs is BoundColumns.inputs:
            declaring: type = cls
            check_arguments(cls, function, {*declared_inputs(declaring), *(need for need in cls.needs if need != "model")})

    @classmethod
    def _has_table_process(cls) -> bool:
        return cls.scope == "table" and any(
            "process_table" in vars(base) and not base.__module__.startswith("operators.core") for base in cls.__mro__
        )
