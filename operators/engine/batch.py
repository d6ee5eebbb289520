"""A batch of rows on its way through an operator, and what became of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa

Mask: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"
Places: TypeAlias = "np.ndarray[Any, np.dtype[np.intp]]"

REJECTED_FIELDS = (pa.field("rejected_as", pa.string()), pa.field("rejected_by", pa.string()), pa.field("rejected_reason", pa.string()))
"""Columns that a table of rejected rows has beside those of the rows: "filtered" or "failed", the operator, and why."""
TOLD = tuple(field.name for field in REJECTED_FIELDS)

Outcome: TypeAlias = Literal["filtered", "failed"]


class Filterable(Protocol):
    """Something computed for every row of a batch that can be cut down to some rows without being computed again."""

    def filter(self, mask: Mask) -> Filterable: ...


Shared = TypeVar("Shared", bound=Filterable)


class Batch:
    """Rows as an Arrow record batch, with what fused operators computed about them, so that it is computed once.

    Rows that were filtered out are only noted: the others are copied when somebody reads them, not once for each filter of a `Sequential`.
    """

    def __init__(self, rows: pa.RecordBatch, shared: Mapping[Hashable, Filterable] | None = None, left: Places | None = None) -> None:
        self._rows, self._left = rows, left
        self._shared: dict[Hashable, Filterable] = dict(shared or {})

    @property
    def rows(self) -> pa.RecordBatch:
        if self._left is not None:
            self._rows, self._left = self._rows.take(pa.array(self._left)), None
        return self._rows

    @property
    def schema(self) -> pa.Schema:
        return self._rows.schema

    def __len__(self) -> int:
        return int(self._rows.num_rows) if self._left is None else len(self._left)

    def column(self, name: str) -> pa.Array:
        return self.rows.column(name)

    def uncut(self, name: str) -> tuple[pa.Array, Places]:
        """A column with the rows that were filtered out still in it, and the places of those that are left: for what reads few of them."""
        return self._rows.column(name), np.arange(len(self)) if self._left is None else self._left

    def nulls(self, name: str) -> Mask | None:
        """Where a column is null; None where it is nowhere."""
        if not self._rows.column(name).null_count:
            return None
        column = self.column(name)
        return mask_of(column.is_null())

    def shared(self, key: Hashable, compute: Callable[[], Shared]) -> Shared:
        """The value under `key`, computed by the first operator that asks and cut down as rows are filtered out."""
        if key not in self._shared:
            self._shared[key] = compute()
        return self._shared[key]  # type: ignore[return-value]

    def filter(self, mask: Mask) -> Batch:
        if mask.all():
            return self
        return Batch(self._rows, {key: value.filter(mask) for key, value in self._shared.items()}, self._places(mask))

    def rows_where(self, mask: Mask) -> pa.RecordBatch:
        """The rows that `filter` leaves, without what was computed about them."""
        return self.rows if mask.all() else self._rows.take(pa.array(self._places(mask)))

    def _places(self, mask: Mask) -> Places:
        return np.flatnonzero(mask) if self._left is None else self._left[mask]


def mask_of(booleans: pa.Array) -> Mask:
    """Booleans without nulls for numpy. Arrow's own `to_numpy` would import pandas."""
    return np.from_dlpack(booleans.cast(pa.uint8())).astype(bool)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a filter decided: `keep[i]` for each row, and a reason for each row not kept, where more is to be said than the rule itself.

    `reasons` has one entry a row, None where it is kept or where the rule says enough. `failed[i]`: of this row nothing could be found out. It is set
    aside as a failure, for its reason. `no_say`: how many rows the filter could not judge, and kept.
    """

    keep: Mask
    reasons: Sequence[str | None] | None = None
    failed: Mask | None = None
    no_say: int = 0

    def part(self, rows: slice) -> Verdict:
        """That of some of the rows; of how many of them the filter had no say is not known."""
        reasons, failed = self.reasons, self.failed
        return Verdict(self.keep[rows], None if reasons is None else reasons[rows], None if failed is None else failed[rows])


@dataclass(frozen=True, slots=True)
class Rejection:
    """Rows set aside by one operator, with one reason each."""

    rows: pa.RecordBatch
    reasons: Sequence[str]
    by: str
    outcome: Outcome = "filtered"

    def as_batch(self, schema: pa.Schema) -> pa.RecordBatch:
        """In the schema of the table of rejected rows: columns made since the rows came in are left out, those of other input tables are null."""
        count = self.rows.num_rows
        told = (pa.array([self.outcome] * count, pa.string()), pa.array([self.by] * count, pa.string()), pa.array(list(self.reasons), pa.string()))
        mine = {beside_told(field.name): column for field, column in zip(self.rows.schema, self.rows.columns, strict=True)}
        mine = {name: column for name, column in mine.items() if name in schema.names and column.type == schema.field(name).type}
        columns = [mine[field.name] if field.name in mine else pa.nulls(count, field.type) for field in list(schema)[: -len(told)]]
        return pa.RecordBatch.from_arrays([*columns, *told], schema=schema)


def rejected_schema(*schemas: pa.Schema) -> pa.Schema:
    """Of the table of rows that an operator rejected, from the schemas of the tables that they came in; of two columns of one name, the first."""
    columns = {column.name: column for schema in reversed(schemas) for column in schema}
    names = dict.fromkeys(column.name for schema in schemas for column in schema)
    return pa.schema([*(columns[name].with_name(beside_told(name)) for name in names), *REJECTED_FIELDS])


def beside_told(name: str, told: Collection[str] = TOLD) -> str:
    """What a column of the rows is called in a table that tells something of them under its name: "row_rejected_by". No two get one name."""
    return f"row_{name}" if re.sub("^(?:row_)+", "", name) in told else name


@dataclass(slots=True)
class Processed:
    """What became of a batch: the rows that go on, and those set aside."""

    kept: Batch
    rejections: list[Rejection] = field(default_factory=list)
    changed_by: Counter[str] = field(default_factory=Counter)
    """Rows that were rewritten, by the refiner that did."""
    no_say: Counter[str] = field(default_factory=Counter)
    """Rows that a filter could not judge, and kept, by the filter."""
    totals: Counter[str] = field(default_factory=Counter)
    """Sums of columns that were made, over the rows that go on, by column."""
    scores: Counter[str] = field(default_factory=Counter)
    """Rows that go on, by the score that a language model gave them: "rating = 4"."""
    table: str = ""
    """The input table that the rejected rows come from, where it is not the first."""
