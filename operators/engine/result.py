"""What a run of one operator gives back: its tables, and what it did in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from operators.asking.answers import Usage
from operators.engine.report import OtherTable, Report
from operators.engine.shown import as_html, as_text
from operators.tables.files import FileStorage
from operators.tables.files.bad_rows import BadRows
from operators.tables.files.paths import suffix_of
from operators.tables.storage import Storage

if TYPE_CHECKING:
    import pandas as pd


class RunResult:
    """The rows that went on (`table`), those set aside with the reason (`rejected`), and what was counted (`report`).

    A table that was written to a file or another storage is read from there when it is first asked for.
    """

    def __init__(self, report: Report, kept: Storage, aside: Storage, bad: Sequence[BadRows] = ()) -> None:
        self.report = report
        self._kept = kept
        self._aside = aside
        self.unreadable = [row for rows in bad for row in rows.rows]
        """Lines of files that could not be read, with what is wrong; the first 10,000 of each."""
        self.unreadable_rows = sum(rows.count for rows in bad)

    @cached_property
    def table(self) -> pa.Table:
        """The rows that went on."""
        return self._kept.read()

    @cached_property
    def rejected(self) -> pa.Table:
        """The rows set aside, with `rejected_as` ("filtered" or "failed"), `rejected_by` and `rejected_reason`."""
        return self._aside.read()

    def to_pandas(self) -> pd.DataFrame:
        """`table` as a data frame of Arrow-backed columns: integers with nulls stay integers, lists stay lists."""
        return frame_of(self.table)

    def rejected_to_pandas(self) -> pd.DataFrame:
        return frame_of(self.rejected)

    # The numbers of the report

    @property
    def rows_in(self) -> int:
        return self.report.rows_in

    @property
    def rows_out(self) -> int:
        return self.report.rows_out

    @property
    def filtered(self) -> int:
        """How many rows the operator decided against."""
        return self.report.filtered

    @property
    def failed(self) -> int:
        """How many rows raised an error."""
        return self.report.failed

    @property
    def rejected_by(self) -> Counter[str]:
        return self.report.rejected_by

    @property
    def changed_by(self) -> Counter[str]:
        return self.report.changed_by

    @property
    def no_say(self) -> Counter[str]:
        """How many rows a filter could not judge, and kept."""
        return self.report.no_say

    @property
    def totals(self) -> Counter[str]:
        """Sums over the rows that went on, by column: of tokens."""
        return self.report.totals

    @property
    def scores(self) -> Counter[str]:
        """How many of the rows that went on a language model gave which score: "rating = 4"."""
        return self.report.scores

    @property
    def failures(self) -> Counter[str]:
        return self.report.failures

    @property
    def other_tables(self) -> Mapping[str, OtherTable]:
        return self.report.other_tables

    @property
    def usage(self) -> Mapping[str, Usage]:
        return self.report.usage

    @property
    def seconds(self) -> float:
        return self.report.seconds

    def as_dict(self) -> dict[str, Any]:
        return self.report.as_dict()

    def __repr__(self) -> str:
        return as_text(self._title(), ("rows", "set aside by"), self._reasons())

    def _repr_html_(self) -> str:
        return as_html(self._title(), ("rows", "set aside by"), self._reasons(), {"kept": self.table, "set aside": self.rejected})

    def _title(self) -> str:
        report = self.report
        parts = [f"{report.rows_in:,} rows in", f"{report.rows_out:,} out"]
        parts += [f"{report.rejected:,} set aside"] if report.rejected else []
        parts += [f"{sum(report.changed_by.values()):,} changed"] if report.changed_by else []
        parts += [f"{name} = {total:,} in all" for name, total in report.totals.items()]
        parts += [f"{score} in all {rows:,} scored" for score, rows in report.same_scores().items()]
        parts += [f"{self.unreadable_rows:,} unreadable"] if self.unreadable_rows else []
        parts += [f"{usage.calls:,} calls of {name}, {usage.cached:,} cached" for name, usage in report.usage.items()]
        return f"{report.operator}: {', '.join(parts)}"

    def _reasons(self) -> list[tuple[str, str]]:
        filtered = [(f"{count:,}", name) for name, count in self.report.rejected_by.most_common()]
        return filtered + [(f"{count:,}", f"failed: {error}") for error, count in self.report.failures.most_common(10)]


def frame_of(table: pa.Table) -> pd.DataFrame:
    import pandas as pd

    return cast("pd.DataFrame", table.to_pandas(types_mapper=pd.ArrowDtype))


def readable(written: Storage, schema: pa.Schema) -> Storage:
    """What was written, to be read with the types that it was written with: CSV does not say them."""
    if isinstance(written, FileStorage) and suffix_of(written.path).format != "parquet":
        return FileStorage(written.path, types={field.name: field.type for field in schema})
    return written
