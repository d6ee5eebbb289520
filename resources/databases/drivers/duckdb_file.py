"""DuckDB: the file opened read-only, without access to anything else, with a configuration that nothing can change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from operators.databases.execution import Row
from operators.databases.schema import Column, ForeignKey, Key, Schema, Table
from resources.databases.drivers.driver import Stopped, plain_rows, read_rows, type_class
from resources.databases.limits import Limits
from resources.databases.target import Target


class DuckDBDriver:
    dialect = "duckdb"

    def __init__(self, target: Target, limits: Limits) -> None:
        path = Path(target.path)
        if not path.is_file():
            raise Stopped("unreachable", f"{path} is not there")
        config: dict[str, str | bool | int | float | list[str]] = {
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "temp_directory": "",
            "memory_limit": f"{limits.memory_megabytes // 2}MB",
            "threads": 1,
            "lock_configuration": "true",
        }
        try:
            self._connection = duckdb.connect(str(path), read_only=True, config=config)
        except duckdb.Error as error:
            raise Stopped("unreachable", f"{path} cannot be opened: {str(error).splitlines()[0]}") from None

    def execute(self, sql: str, limits: Limits) -> tuple[list[tuple[str, str]], list[Row]]:
        connection = self._connection
        try:
            statements = connection.extract_statements(sql)
            if len(statements) != 1:
                raise Stopped("refused", f"it is {len(statements)} statements: one is run")
            kind = statements[0].type.name
            if kind != "SELECT":
                raise Stopped("refused", f"{kind} is not allowed: only reading is")
            connection.execute(statements[0])
            rows = list(plain_rows(read_rows(connection.fetchmany, limits)))
            columns = [(str(column[0]), str(column[1])) for column in connection.description or ()]
        except (duckdb.Error, MemoryError, RuntimeError) as error:
            raise _why(error) from None
        return columns, rows

    def interrupt(self) -> None:
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()

    def schema(self, name: str) -> Schema:
        try:
            return self._schema(name)
        except duckdb.Error as error:
            raise Stopped("unreachable", str(error).splitlines()[0]) from None

    def _schema(self, name: str) -> Schema:
        tables = self._rows(
            "SELECT table_name, comment, false FROM duckdb_tables()"
            " WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal"
            " UNION ALL SELECT view_name, comment, true FROM duckdb_views()"
            " WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal"
        )
        columns: defaultdict[str, list[Column]] = defaultdict(list)
        for table, column, type_, nullable, comment in self._rows(
            "SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns()"
            " WHERE database_name = current_database() AND schema_name = 'main' ORDER BY table_name, column_index"
        ):
            columns[table].append(Column(column, type_, type_class(type_), bool(nullable), comment or ""))
        keys: dict[str, Key] = {}
        foreign: defaultdict[str, list[ForeignKey]] = defaultdict(list)
        for table, kind, names, other, others in self._rows(
            "SELECT table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names FROM duckdb_constraints()"
            " WHERE database_name = current_database() AND schema_name = 'main' AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')"
        ):
            if kind == "PRIMARY KEY":
                keys[table] = Key(tuple(names))
            else:
                foreign[table].append(ForeignKey(tuple(names), other, tuple(others)))
        made = (
            Table(table, tuple(columns[table]), keys.get(table), tuple(foreign[table]), comment or "", bool(is_view))
            for table, comment, is_view in tables
        )
        return Schema(name, "duckdb", tuple(made))

    def _rows(self, sql: str) -> Sequence[Any]:
        return self._connection.execute(sql).fetchall()


def _why(error: BaseException) -> Stopped:
    message = str(error).strip() or "out of memory"
    first = message.splitlines()[0]
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException) or "Out of Memory" in first or "bad_alloc" in first:
        return Stopped("memory limit", first)
    if isinstance(error, duckdb.InterruptException):
        return Stopped("time limit", first)
    if isinstance(error, duckdb.PermissionException):
        return Stopped("refused", first)
    return Stopped("error", first)
