"""A database as its catalogue describes it, with what a look at the rows adds: statistics, sample values, keys that nobody declared."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

Dialect: TypeAlias = Literal["sqlite", "duckdb", "postgres", "mysql"]
"""The names by which sqlglot knows the engines. MariaDB is "mysql"."""

TypeClass: TypeAlias = Literal["integer", "real", "text", "date", "datetime", "time", "boolean", "blob", "json", "vector", "other"]
"""What can be done with the values of a column, whatever the engine calls its type."""


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """What was seen of the values of one column, in the first `rows` rows of its table."""

    rows: int
    """How many rows were looked at."""
    complete: bool
    """Whether these are all rows of the table."""
    nulls: int
    distinct: int
    """Different values, without null."""
    low: Any = None
    high: Any = None
    """The least and the greatest value; None where the values have no order, or there are none."""
    frequent: tuple[tuple[Any, int], ...] = ()
    """The most frequent values with how often each was seen."""
    mean_length: float = 0.0
    """Of texts, in characters."""

    @property
    def unique(self) -> bool:
        """Whether no value was seen twice, and none is null."""
        return self.rows > 0 and self.nulls == 0 and self.distinct == self.rows


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    """As the engine writes it: "VARCHAR(40)"."""
    type_class: TypeClass
    nullable: bool = True
    comment: str = ""
    statistics: ColumnStatistics | None = None

    @property
    def samples(self) -> tuple[Any, ...]:
        """Values that occur, the most frequent first."""
        return tuple(value for value, _ in self.statistics.frequent) if self.statistics else ()


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of a table."""

    columns: tuple[str, ...]
    inferred: bool = False
    """True where no constraint says so, but names and values do."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of a table point to `other_columns` of `other_table`."""

    columns: tuple[str, ...]
    other_table: str
    other_columns: tuple[str, ...]
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    primary_key: Key | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    comment: str = ""
    is_view: bool = False
    rows: int | None = None
    """None where they were not counted within the limits."""

    def column(self, name: str) -> Column:
        """By its name, whatever the case. Raises KeyError."""
        for column in self.columns:
            if column.name.lower() == name.lower():
                return column
        raise KeyError(f'the table "{self.name}" has no column "{name}"')


@dataclass(frozen=True)
class Schema:
    """Everything known of one database. Empty databases have no tables."""

    name: str
    dialect: Dialect
    tables: tuple[Table, ...] = field(default=())

    def table(self, name: str) -> Table:
        """By its name, whatever the case. Raises KeyError."""
        try:
            return self._by_name[name.lower()]
        except KeyError:
            raise KeyError(f'the database "{self.name}" has no table "{name}"') from None

    @cached_property
    def _by_name(self) -> dict[str, Table]:
        return {table.name.lower(): table for table in self.tables}

    def only(self, kept: dict[str, list[str]]) -> Schema:
        """The part with these columns of these tables; keys that lose a column, or point to what is not there, are left out."""
        there = {(table.lower(), name.lower()) for table, names in kept.items() for name in names}
        tables = []
        for table in self.tables:
            if table.name not in kept:
                continue
            names = set(kept[table.name])
            key = table.primary_key if table.primary_key and set(table.primary_key.columns) <= names else None
            foreign = tuple(
                one
                for one in table.foreign_keys
                if all((table.name.lower(), name.lower()) in there for name in one.columns)
                and all((one.other_table.lower(), name.lower()) in there for name in one.other_columns)
            )
            columns = tuple(column for column in table.columns if column.name in names)
            tables.append(Table(table.name, columns, key, foreign, table.comment, table.is_view, table.rows))
        return Schema(self.name, self.dialect, tuple(tables))
