"""All shards of a table as one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from typing import Any

import pyarrow as pa

from operators.tables.errors import closest
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer
from resources.warehouse.errors import TableNotFound, WarehouseError
from resources.warehouse.shard_facts import together
from resources.warehouse.storage import VersionStorage
from resources.warehouse.version_store import REJECTED, ROWS, PinnedVersion, VersionReader

_DIFFERENT = (pa.ArrowInvalid, pa.ArrowTypeError)


class GatheredStorage(Storage):
    """The versions of some shards, one after the other in the order given; read-only. While the object lives, none of them is collected.

    Files of a folder need not agree on everything: a column that a shard lacks is null there, and numbers take the wider type.
    """

    def __init__(self, told_as: str, pins: Mapping[str, PinnedVersion], table: str = ROWS) -> None:
        self._told_as = told_as
        self._pins = dict(pins)
        self._table = table
        self._schemas: dict[str, pa.Schema] = {}
        self._rows: dict[str, int] = {}
        self._bytes: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"GatheredStorage({self})"

    def __str__(self) -> str:
        return f"{self._told_as} ({len(self._pins)} shards)"

    @property
    def versions(self) -> dict[str, str]:
        """Shard -> the version that is read."""
        return {shard: pin.version for shard, pin in self._pins.items()}

    def shards(self) -> Iterator[tuple[str, VersionStorage]]:
        """Each shard by itself, opened as it is asked for: an open version holds a DuckDB, which a hundred times over is not nothing."""
        for shard, pin in self._pins.items():
            yield shard, VersionStorage(pin, self._table)

    @property
    def schema(self) -> pa.Schema:
        """The columns of all shards. Raises WarehouseError where two have a column of types that have nothing in common."""
        self._look()
        schemas = list(self._schemas.values())
        if all(schema.equals(schemas[0]) for schema in schemas):
            return schemas[0]
        try:
            return _unified(schemas)
        except _DIFFERENT:
            self._forget_types_without_values()
        try:
            return _unified(list(self._schemas.values()))
        except _DIFFERENT as error:
            raise WarehouseError(self._disagreement(error)) from error

    def count_rows(self) -> int:
        self._look()
        return sum(self._rows.values())

    def count_bytes(self) -> int:
        self._look()
        return sum(self._bytes.values())

    def location(self) -> dict[str, Any] | None:
        """For `open_location`."""
        whole = next(iter(self._pins.values())).store.location() | {"shard": None}
        return {"stored": "warehouse", **whole, "versions": self.versions, "table": self._table}

    def stretches(self) -> list[int]:
        self._look()
        return list(self._rows.values())

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        return self.rows_from(0, self.count_rows(), columns, size)

    def rows_from(self, first: int, rows: int, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        whole = self.schema
        names = whole.names if columns is None else list(columns)
        if unknown := [name for name in names if name not in whole.names]:
            known = ", ".join(whole.names)
            raise KeyError(f'{self}: no column "{unknown[0]}"; its columns are {known}. {closest(unknown[0], whole.names)}'.rstrip())
        wanted = pa.schema([whole.field(name) for name in names], metadata=whole.metadata)
        before = 0
        for shard, storage in self.shards():
            here = range(before, before + self._rows[shard])
            before = here.stop
            inside = range(max(first, here.start) - here.start, min(first + rows, here.stop) - here.start)
            if not inside:
                continue
            there = [name for name in names if name in self._schemas[shard].names]
            for batch in storage.rows_from(inside.start, len(inside), there, size):
                yield batch if batch.schema.equals(wanted) else _fitted(batch, wanted)

    def rejected(self) -> GatheredStorage:
        """The rows that were set aside when these versions were made."""
        return GatheredStorage(f"{self._told_as}__rejected", self._pins, REJECTED)

    def run_facts(self) -> dict[str, Any]:
        """What is known of the runs together; see shard_facts."""
        return together(self.facts_of_shards())

    def facts_of_shards(self) -> dict[str, dict[str, Any]]:
        """Shard -> what is known of the run that made its version."""
        return {shard: reader.run_facts() for shard, reader in self._each_opened()}

    def schemas(self) -> dict[str, pa.Schema]:
        """Shard -> its columns, where they need not fit together."""
        self._look()
        return dict(self._schemas)

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        raise WarehouseError(f"{self}: shards are written one by one.")

    def _look(self) -> None:
        if self._schemas:
            return
        for shard, reader in self._each_opened():
            stored = reader.table(self._table)
            if stored is None:
                raise TableNotFound(f"{self._told_as}: the shard {shard} was written without a table of rejected rows.")
            self._schemas[shard], self._rows[shard], self._bytes[shard] = stored

    def _each_opened(self) -> Iterator[tuple[str, VersionReader]]:
        """One shard after the other, each closed before the next is opened."""
        for shard, pin in self._pins.items():
            with closing(pin.reader()) as reader:
                yield shard, reader

    def _forget_types_without_values(self) -> None:
        """A column that is null in all rows of a file has a type only because it must have one."""
        for shard, storage in self.shards():
            schema = self._schemas[shard]
            for place, field in enumerate(schema):
                if _differs(field, self._schemas.values()) and storage.read([field.name]).column(0).null_count == self._rows[shard]:
                    schema = schema.set(place, field.with_type(pa.null()))
            self._schemas[shard] = schema

    def _disagreement(self, error: Exception) -> str:
        seen: dict[str, tuple[str, pa.DataType]] = {}
        for shard, schema in self._schemas.items():
            for field in schema:
                first, type_ = seen.setdefault(field.name, (shard, field.type))
                if _differs(field, [pa.schema([(field.name, type_)])]):
                    return (
                        f'{self._told_as}: column "{field.name}" is {type_} in the shard {first} and {field.type} in the shard {shard}. '
                        f"Say which it is (types of the source), and materialize the shard again that has it otherwise."
                    )
        return f"{self._told_as}: the columns of the shards do not fit together: {error}"


def _unified(schemas: Sequence[pa.Schema]) -> pa.Schema:
    return pa.unify_schemas(schemas, promote_options="permissive")


def _differs(field: pa.Field, schemas: Iterable[pa.Schema]) -> bool:
    """Whether one of the schemas has the column with a type that no type holds both of."""
    for schema in schemas:
        if field.name in schema.names:
            try:
                _unified([pa.schema([field]), pa.schema([schema.field(field.name)])])
            except _DIFFERENT:
                return True
    return False


def _fitted(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    columns = []
    for field in wanted:
        column = batch.column(field.name) if field.name in batch.schema.names else pa.nulls(batch.num_rows)
        columns.append(column.cast(field.type) if column.null_count < batch.num_rows else pa.nulls(batch.num_rows, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=wanted)
