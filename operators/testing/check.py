"""`check_operator`: an operator through all promises, in one line of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from operators.core.operator import Operator
from operators.engine.step import need_of
from operators.tables.given import Given, as_storage
from operators.tables.row_ids import RowIdStorage
from operators.tables.storage import DEFAULT_BATCH_ROWS, MemoryStorage, Storage
from operators.testing.description import check_description
from operators.testing.promises import Breach, Run, check_run, same_tables, shown
from operators.testing.sample_tables import sample_inputs
from operators.testing.scripted_database import ScriptedDatabase
from operators.testing.scripted_documents import ScriptedDocuments
from operators.testing.scripted_embedding import ScriptedEmbedding
from operators.testing.scripted_retriever import ScriptedRetriever
from operators.testing.scripted_sandbox import ScriptedSandbox
from operators.testing.scripted_serving import ScriptedServing
from operators.testing.scripted_web import ScriptedWeb

__all__ = ["Breach", "check_operator"]


def check_operator(
    operator: Operator, *, resources: Mapping[str, Any] | None = None, inputs: Sequence[Given] | None = None, examples: int = 25
) -> None:
    """Check everything that an operator promises, on tables without rows, of ordinary, odd and missing values, and on tables that hypothesis draws.

    That each row goes on or is set aside with a reason, and is counted; that only what its kind allows is changed; that the same input gives the same
    table, in one batch or in many; that nulls and odd values raise nothing; that it can be written down and made again, with the same fingerprint.

    Args:
        operator: with the parameters to check it with.
        resources: name -> resource; a scripted language model, embedding model, database, retriever, web and converter where not given.
        inputs: further tables to check it on, one for each of `operator.tables`.
        examples: how many tables are drawn; 0 needs no hypothesis.

    Raises:
        AssertionError: a promise is broken; which, and on which rows.
    """
    if problems := operator.package_problems():
        raise Breach(f"{operator.name} cannot be checked here: {problems[0]}")
    try:
        check_description(operator)
        checking = _Checking(operator, resources)
        for what, tables in sample_inputs(operator).items():
            checking.on(tables, what)
        if inputs is not None:
            checking.on([MemoryStorage(RowIdStorage(as_storage(table)).read()) for table in inputs], "the given inputs")
        if examples:
            from operators.testing.strategies import on_drawn_inputs

            on_drawn_inputs(operator, examples, lambda tables: checking.on(tables, "a drawn table"))
    except Breach as breach:
        raise Breach(f"{operator.name}: {breach}") from breach.__cause__


def scripted_resources(operator: Operator) -> dict[str, Any]:
    """Name -> a scripted resource, of all that the operator needs and that can be scripted."""
    return {name: _SCRIPTED[need_of(key)]() for key, name in operator.resource_names().items() if need_of(key) in _SCRIPTED}


class _Checking:
    """An operator that may fail on any number of rows, so that each failure is seen."""

    def __init__(self, operator: Operator, resources: Mapping[str, Any] | None) -> None:
        self.operator = operator.changed(max_failed=1.0)
        self._given = dict(resources or {})

    def on(self, tables: Sequence[Storage], what: str) -> None:
        """Check it on these input tables. Raises Breach, with the rows."""
        try:
            first = self._run(tables)
            check_run(first)
            if self.operator.scope == "row":
                self._one_row_at_a_time(tables, first)
            else:
                same_tables(first, self._run(tables), "the same input gave another table")
        except Breach as breach:
            rows = "\n".join(f"  row       {shown(row)}" for row in tables[0].read().slice(0, 6).to_pylist())
            raise Breach(f"{breach}\non {what}:\n{rows or '  (none)'}") from breach.__cause__

    def _one_row_at_a_time(self, tables: Sequence[Storage], first: Run) -> None:
        """Check that it gives the same, which also says that it draws nothing without a seed; where it does not, find out which of the two it is."""
        try:
            same_tables(first, self._run([_OneByOne(storage) for storage in tables]), "one row at a time gave another table than all at once")
        except Breach:
            same_tables(first, self._run(tables), "the same input gave another table")
            raise

    def _run(self, tables: Sequence[Storage]) -> Run:
        try:
            result = self.operator.run(*tables, resources={**scripted_resources(self.operator), **self._given}, progress=False)
            return Run(self.operator, tables, result.table, result.rejected, result.report)
        except Exception as error:
            raise Breach(f"the run ended with {type(error).__name__}: {error}") from error


class _OneByOne(MemoryStorage):
    """A table that comes one row at a time."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage.read())

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        return super().batches(columns, 1)


_SCRIPTED: Mapping[str, Callable[[], Any]] = {
    "llm": ScriptedServing,
    "embedding": ScriptedEmbedding,
    "sandbox": ScriptedSandbox,
    "database": ScriptedDatabase,
    "documents": ScriptedDocuments,
    "retriever": ScriptedRetriever,
    "web": ScriptedWeb,
}
