"""Bringing branches of a pipeline together again."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.bases.join_keys import BY_ID, JoinKeys, key_problems, keys_of, places_by_key, told
from operators.core.kinds import Evaluate, Filter, Generate
from operators.engine.batch import Batch, Processed, Rejection, Verdict
from operators.engine.rows_reader import RowsReader
from operators.tables.errors import Problem, StageFailed, closest
from operators.tables.storage import Storage
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID, ROW_ID_FIELD


def taken_problems(take: Sequence[str], left: pa.Schema, right: pa.Schema) -> list[Problem]:
    """Columns that cannot be taken from the other table."""
    found = []
    for name in take:
        if name not in right.names:
            listed = ("columns", ", ".join(right.names))
            found.append(Problem(f'column "{name}" does not exist in the other table', details=(listed,), suggestion=closest(name, right.names)))
        elif name in left.names:
            found.append(Problem(f'output "{name}" would overwrite a column: the first table has it already'))
    return found


def _shown(key: tuple[Any, ...] | None) -> str:
    return "null" if key is None else ", ".join(map(str, key))


class JoinColumns(Evaluate):
    """Add columns of another table to the rows whose key is there too: a left join; null where the other table has no such row.

    By row_id where nothing is said, for branches of one pipeline; else by any columns: `JoinColumns(take=("price",), by={"product": "id"})`. Where
    the other table has several rows of a key, `several` says what becomes of it. Rows of the other table that give nothing are set aside. For an
    inner join put a JoinFilter before it; for a row for each match use JoinRows.
    """

    asks = (
        "bring columns of another table in by id",
        "left join the scores onto the original rows",
        "put results of two branches side by side",
        "look a value up in a second table by a common column",
    )
    scope = "table"
    tables: ClassVar[tuple[str, ...]] = ("rows", "other")
    accounts_for: ClassVar[tuple[str, ...]] = ("rows", "other")
    example: ClassVar[Mapping[str, Any]] = {"take": ("score",)}

    take: tuple[str, ...] = Field(min_length=1, description="Columns of the other table to add.")
    by: JoinKeys = BY_ID
    several: Literal["fail", "first", "last", "list"] = Field(
        "fail", description='Of several rows of one key: "fail" ends the stage, "first" and "last" take one of them, "list" makes each column a list.'
    )

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if found:
            return found
        left, right = tables
        return key_problems(self.by, left, right) + taken_problems(self.take, left, right)

    def evaluate_table(self, rows: RowsReader, other: RowsReader) -> dict[str, pa.Array]:
        values = other.storage.read(list(self.take))
        met = self._met(rows, other)
        if self.several == "list":
            offsets = pa.array([0, *itertools.accumulate(len(places) for places in met)], pa.int32())
            flat = pa.array([place for places in met for place in places], pa.int64())
            return {name: pa.ListArray.from_arrays(offsets, values.column(name).combine_chunks().take(flat)) for name in self.take}
        where = pa.array([places[0] if places else None for places in met], pa.int64())
        return {name: values.column(name).combine_chunks().take(where) for name in self.take}

    def apply_to_others(self, tables: Sequence[RowsReader]) -> Iterator[Processed]:
        ids = tables[1].storage.read([ROW_ID]).column(ROW_ID).to_pylist()
        used = {ids[place] for places in self._met(*tables) for place in places}
        why = "the first table has no row of this id" if self.by == BY_ID else f"no row of the first table takes it, by {told(self.by)}"
        yield from self.unused_rows(tables, "other", used, why)

    def _met(self, rows: RowsReader, other: RowsReader) -> list[list[int]]:
        """For each row of the first table, the places in the other of the rows that it takes from."""
        known = places_by_key(keys_of(other.storage, [name for _, name in self.by]))
        wanted = keys_of(rows.storage, [name for name, _ in self.by])
        if self.several == "fail":
            used = {key for key in wanted if key is not None}
            twice = next((key for key, places in known.items() if len(places) > 1 and key in used), None)
            if twice is not None:
                raise StageFailed(
                    f"the other table has {len(known[twice])} rows of {told(self.by)} = {', '.join(map(str, twice))}: say which one counts "
                    '(several = "first" or "last"), or take all of them (several = "list", or JoinRows).'
                )
        if self.several == "last":
            known = {key: places[-1:] for key, places in known.items()}
        elif self.several != "list":
            known = {key: places[:1] for key, places in known.items()}
        return [known.get(key, []) if key is not None else [] for key in wanted]

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        return {name: [(1, name)] if name in self.take else [(0, name)] for name in self.schema_out(*tables).names}

    def made_fields(self, *tables: pa.Schema) -> dict[str, pa.Field]:
        left, right = tables
        fields = {name: right.field(name) for name in self.take if name in right.names and name not in left.names}
        return {name: pa.field(name, pa.list_(field.type)) for name, field in fields.items()} if self.several == "list" else fields


class JoinFilter(Filter):
    """Keep the rows whose key is in another table too (the rows of an inner join), or with keep="unmatched" those whose key is not (an anti join).

    The other table is only looked at, and may have a key any number of times. A null is equal to nothing.
    """

    asks = ("keep only records whose id is in a list", "anti join: drop rows that are in the other table", "inner join without adding columns")
    scope = "table"
    tables: ClassVar[tuple[str, ...]] = ("rows", "other")

    by: JoinKeys = BY_ID
    keep: Literal["matched", "unmatched"] = "matched"

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        return super().problems(*tables) or key_problems(self.by, *tables)

    def keep_table(self, rows: RowsReader, other: RowsReader) -> Verdict:
        known = set(keys_of(other.storage, [name for _, name in self.by]))
        keys = keys_of(rows.storage, [name for name, _ in self.by])
        matched = np.array([key is not None and key in known for key in keys], dtype=bool)
        stays = matched if self.keep == "matched" else ~matched
        said = "no row of the other table has" if self.keep == "matched" else "a row of the other table has"
        reasons = [None if stay else f"{said} {told(self.by)} = {_shown(key)}" for stay, key in zip(stays, keys, strict=True)]
        return Verdict(stays, reasons)


class JoinRows(Generate):
    """Make a new row of each pair of rows whose keys are equal: an inner join, one to many. A new row has the first row's columns and `take`.

    Both rows are its parents. Rows of either table that meet none are set aside.
    """

    asks = ("inner join two tables on a column", "one row per match, one to many join", "combine every question with each of its answers")
    scope = "table"
    adds_rows = True
    tables: ClassVar[tuple[str, ...]] = ("rows", "other")
    example: ClassVar[Mapping[str, Any]] = {"take": ("score",)}

    take: tuple[str, ...] = Field(min_length=1, description="Columns of the other table to add.")
    by: JoinKeys = BY_ID

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        return found or key_problems(self.by, *tables) + taken_problems(self.take, *tables)

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        left, right = tables
        carried = [left.field(name) for name in self._carried(left) if name not in self.take]
        return pa.schema([ROW_ID_FIELD, *carried, *(right.field(name) for name in self.take if name in right.names), PARENT_IDS_FIELD])

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        made = {ROW_ID: [], PARENT_IDS: [(0, ROW_ID), (1, ROW_ID)]}
        return {name: made.get(name) or ([(1, name)] if name in self.take else [(0, name)]) for name in self.schema_out(*tables).names}

    def generate_table(self, rows: RowsReader, other: RowsReader) -> Iterator[pa.RecordBatch]:
        known = places_by_key(keys_of(other.storage, [name for _, name in self.by]))
        taken = other.storage.read([ROW_ID, *self.take])
        right_ids = taken.column(ROW_ID).to_pylist()
        keys = iter(keys_of(rows.storage, [name for name, _ in self.by]))
        schema = self.schema_out(rows.storage.schema, other.storage.schema)
        for batch in rows.storage.batches():
            of_batch = list(itertools.islice(keys, batch.num_rows))
            pairs = [(here, there) for here, key in enumerate(of_batch) if key is not None for there in known.get(key, ())]
            if not pairs:
                continue
            left, right = (pa.array(places, pa.int64()) for places in zip(*pairs, strict=True))
            left_ids = batch.column(ROW_ID).to_pylist()
            columns = {name: batch.column(name).take(left) for name in batch.schema.names}
            columns |= {name: taken.column(name).combine_chunks().take(right) for name in self.take}
            columns[PARENT_IDS] = pa.array([[left_ids[here], right_ids[there]] for here, there in pairs], PARENT_IDS_FIELD.type)
            names = [name for name in schema.names if name != ROW_ID]
            yield pa.RecordBatch.from_arrays([columns[name] for name in names], schema=pa.schema([schema.field(name) for name in names]))


class Union(Generate):
    """All rows of two branches that have the same columns, one after the other, with the ids that they have.

    The branches share no rows: two filters of which one keeps what the other drops, or rows generated apart. A row of the second that the first has
    too, the same in every column, is set aside: two sources that both have it have one row, for the id of a row is that of what it holds. A row that
    is another in the second branch ends the stage. With `fill`, columns that only one
    of them has are null in the rows of the other, and come after those of the first.
    """

    asks = ("put two tables under each other", "stack batches into one file", "append the rows of another branch")
    scope = "table"
    adds_rows = True
    unites = True
    tables: ClassVar[tuple[str, ...]] = ("rows", "other")

    fill: bool = Field(False, description="Columns that only one table has are null in the rows of the other, instead of a mistake.")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if found:
            return found
        left, right = ({field.name: field.type for field in table if field.name != PARENT_IDS} for table in tables)
        lacking = [f'the first lacks "{name}"' for name in right if name not in left] + [
            f'the second lacks "{name}"' for name in left if name not in right
        ]
        lacking = [] if self.fill else lacking
        differing = [f'"{name}" is {left[name]} and {right[name]}' for name in left if name in right and left[name] != right[name]]
        return [Problem(f"the two tables have different columns: {'; '.join(lacking + differing)}")] if lacking or differing else []

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        own = (ROW_ID, PARENT_IDS)
        further = [field for table in tables[1:] for field in table if field.name not in tables[0].names] if self.fill else []
        return pa.schema([ROW_ID_FIELD, *(field for field in (*tables[0], *further) if field.name not in own), PARENT_IDS_FIELD])

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        return {name: [(table, name) for table, schema in enumerate(tables) if name in schema.names] for name in self.schema_out(*tables).names}

    def process_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Iterator[Processed]:
        rows, other = (table.storage for table in tables)
        schema = self.schema_out(rows.schema, other.schema)
        none = Batch(pa.RecordBatch.from_pylist([], schema=schema))
        shared = set(_shared_ids(rows, other).to_pylist())
        _check_same(rows, other, shared)
        for batch in rows.batches():
            yield Processed(Batch(_in_columns_of(batch, schema)))
        for batch in other.batches():
            again = _are_in(batch, shared)
            twice = batch.filter(again)
            yield Processed(Batch(_in_columns_of(batch.filter(pc.invert(again)) if twice.num_rows else batch, schema)))
            if twice.num_rows:
                yield Processed(none, [Rejection(twice, ["the first table has the same row"] * twice.num_rows, self.name)], table="other")


def _in_columns_of(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """With null in the columns that the batch lacks; rows that lack parents have none."""
    nothing = {PARENT_IDS: pa.array([[]] * batch.num_rows, PARENT_IDS_FIELD.type)} if PARENT_IDS not in batch.schema.names else {}
    columns = [
        batch.column(field.name) if field.name in batch.schema.names else nothing.get(field.name, pa.nulls(batch.num_rows, field.type))
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, names=schema.names)


def _shared_ids(rows: Storage, other: Storage) -> pa.Array:
    first, second = (table.read([ROW_ID]).column(ROW_ID).combine_chunks() for table in (rows, other))
    return second.filter(pc.is_in(second, value_set=first))


def _are_in(batch: pa.RecordBatch, ids: Collection[str]) -> pa.BooleanArray:
    return pa.array([row_id in ids for row_id in batch.column(ROW_ID).to_pylist()], pa.bool_())


def _check_same(rows: Storage, other: Storage, shared: Collection[str]) -> None:
    """Raises StageFailed: a row of these ids is another in the second table."""
    if not shared:
        return
    known = {row_id: _digest(row) for row_id, row in _held(rows, shared)}
    for row_id, two in _held(other, shared):
        if _digest(two) == known[row_id]:
            continue
        _, one = next(_held(rows, {row_id}))
        differing = [name for name in {**one, **two} if repr(one.get(name)) != repr(two.get(name))]
        raise StageFailed(
            f"both tables have the row {row_id}, and its {', '.join(differing)} is not the same in both. A union takes branches that share no rows. "
            "To bring columns of one row together use JoinColumns; to have it twice, give the sources a column that tells them apart."
        )


def _held(table: Storage, ids: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The ids of these rows, and what the rows hold."""
    for batch in table.batches():
        for row in batch.filter(_are_in(batch, ids)).to_pylist():
            yield row[ROW_ID], {name: value for name, value in row.items() if name not in (ROW_ID, PARENT_IDS) and value is not None}


def _digest(row: Mapping[str, Any]) -> bytes:
    return hashlib.blake2b(repr(sorted(row.items())).encode("utf-8", "surrogatepass"), digest_size=16).digest()
