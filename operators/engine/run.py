"""One run of an operator in progress: what came in, what went out, and whether too much failed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from operators.engine.batch import Processed
from operators.engine.report import OtherTable, Progress, Report
from operators.engine.step import Step
from operators.tables.errors import StageFailed
from operators.tables.row_ids import GeneratedRowIds
from operators.tables.storage import Storage, Writer
from operators.tables.types import ROW_ID

PROGRESS_SECONDS = 0.5


class Run:
    """Writes what becomes of rows, and counts it."""

    def __init__(
        self,
        operator: Step,
        inputs: Sequence[Storage],
        kept: Writer,
        aside: Writer,
        progress: Progress | None = None,
        schemas: Sequence[pa.Schema] | None = None,
    ) -> None:
        """`schemas`: those of all input tables, where `inputs` are not all of them."""
        self.operator = operator
        self.inputs = inputs
        self.kept = kept
        self.aside = aside
        self.progress = progress
        self.total = inputs[0].count_rows()
        self.schemas = list(schemas) if schemas is not None else [storage.schema for storage in inputs]
        self.schema = operator.schema_out(*self.schemas)
        self.rejected_schema = operator.schema_aside(*self.schemas)
        self.new_ids = GeneratedRowIds()
        self.report = Report(operator.name)
        self._unused = Counter[str]()
        self._told = 0.0

    def finish(self, processed: Processed, rows_in: int) -> None:
        """Write what became of a batch and count it."""
        for rejection in processed.rejections:
            self.aside.write(rejection.as_batch(self.rejected_schema))
        self.write_kept(processed.kept.rows)
        self.count(report_of(self.operator.name, processed, rows_in))

    def finish_of_table(self, processed: Processed) -> None:
        """The same for what a whole-table operator gives, which may be rows of a further table."""
        aside = sum(rejection.rows.num_rows for rejection in processed.rejections)
        self._unused[processed.table] += aside
        self.finish(processed, 0 if processed.table else len(processed.kept) + aside)

    def write_kept(self, rows: pa.RecordBatch) -> None:
        """Rows without ids get them here, in the order in which they are written: equal rows are told apart by their place among all."""
        if ROW_ID not in rows.schema.names:
            rows = self.new_ids.add(rows)
        if rows.num_rows:
            self.kept.write(rows.select(self.schema.names).cast(self.schema))

    def count(self, done: Report) -> None:
        self.report.add(done)
        self.check_failures()
        self.tell(self.report.rows_in)

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if self.progress is not None and (now - self._told > PROGRESS_SECONDS or done == self.total):
            self._told = now
            self.progress(done, self.total, self.report)

    def check_failures(self) -> None:
        """Give up as soon as it is certain that too many rows fail."""
        allowed = self.operator.max_failed * self.total
        if self.report.failed <= allowed:
            return
        errors = "; ".join(f"{error} ({count}x)" for error, count in self.report.failures.most_common(3))
        raise StageFailed(
            f"{self.report.failed} of {self.total} rows failed, more than max_failed={self.operator.max_failed:g} allows. {errors}. "
            f"Mend the cause and run again (answers already paid for are in the cache), or raise max_failed of {self.operator.name}."
        )

    def end_of_tables(self) -> None:
        """After a whole-table operator: count the rows that it was given."""
        if self.operator.adds_rows:
            self.report.rows_in = self.total
        for name, storage in list(zip(self.operator.tables, self.inputs, strict=True))[1:]:
            if name in self.operator.accounts_for:
                rows = storage.count_rows()
                self.report.other_tables[name] = OtherTable(rows, rows - self._unused[name])

    def end(self) -> None:
        report = self.report
        given = report.rows_in + sum(table.unused for table in report.other_tables.values())
        if not self.operator.adds_rows and given != report.rows_out + report.rejected:
            raise StageFailed(f"{self.operator.name} was given {given} rows and accounted for {report.rows_out + report.rejected}.")


def report_of(operator: str, processed: Processed, rows_in: int) -> Report:
    """What became of a batch, in numbers."""
    report = Report(operator, rows_in=rows_in, rows_out=processed.kept.rows.num_rows)
    for rejection in processed.rejections:
        if rejection.outcome == "failed":
            report.failures.update(rejection.reasons)
        else:
            report.rejected_by[rejection.by] += rejection.rows.num_rows
    report.changed_by.update(processed.changed_by)
    report.no_say.update(processed.no_say)
    report.totals.update(processed.totals)
    report.scores.update(processed.scores)
    return report
