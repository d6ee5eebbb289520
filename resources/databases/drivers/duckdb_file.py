"""DuckDB: the file opened read-only, without access to anything else, with a configuration that nothing can change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from operators.databases.execution import Row
from operators.databases.schema import Column, ForeignKey, Key, Schema, Table
from operators.tables.errors import closest
from resources.databases.drivers.driver import Stopped, plain_rows, read_rows, type_class
from resources.databases.limits import Limits
from resources.databases.target import Target


class DuckDBDriver:
    dialect = "duckdb"

    def __init__(self, target: Target, limits: Limits) -> None:
        self._path = path = Path(target.path)
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
        schemas = dict(target.options).get("schema", "")
        self._schemas = self._found([name for name in schemas.split(",") if name])
        in_order = ",".join('"{}"'.format(name.replace('"', '""')) for name in self._schemas)
        self._connection.execute("SET search_path = '{}'".format(in_order.replace("'", "''")))

    def _found(self, named: Sequence[str]) -> list[str]:
        """The schemas in which tables are looked for. Raises Stopped: one of them is not there."""
        known = {name.lower(): name for (name,) in self._rows("SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database()")}
        if missing := [name for name in named if name.lower() not in known]:
            self.close()
            raise Stopped("unreachable", f'the database has no schema "{missing[0]}". {closest(missing[0], known.values())}'.strip())
        return [known[name.lower()] for name in named] or ["main"]

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
        visible = "database_name = current_database() AND list_contains($1, schema_name)"
        found = self._rows(
            "SELECT table_oid AS oid, schema_name, table_name, comment, false FROM duckdb_tables()"
            f" WHERE {visible} AND NOT internal"
            " UNION ALL SELECT view_oid, schema_name, view_name, comment, true FROM duckdb_views()"
            f" WHERE {visible} AND NOT internal ORDER BY list_position($1, schema_name), oid",
            self._schemas,
        )
        if not found:
            self._raise_if_elsewhere()
        columns: defaultdict[tuple[str, str], list[Column]] = defaultdict(list)
        for schema, table, column, type_, nullable, comment in self._rows(
            "SELECT schema_name, table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns()"
            f" WHERE {visible} ORDER BY table_name, column_index",
            self._schemas,
        ):
            columns[schema, table].append(Column(column, type_, type_class(type_), bool(nullable), comment or ""))
        keys: dict[tuple[str, str], Key] = {}
        foreign: defaultdict[tuple[str, str], list[ForeignKey]] = defaultdict(list)
        for schema, table, kind, names, other, others in self._rows(
            "SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names"
            f" FROM duckdb_constraints() WHERE {visible} AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')",
            self._schemas,
        ):
            if kind == "PRIMARY KEY":
                keys[schema, table] = Key(tuple(names))
            else:
                foreign[schema, table].append(ForeignKey(tuple(names), other, tuple(others)))
        tables: dict[str, Table] = {}
        for _, schema, table, comment, is_view in found:  # of two of one name, a query that names no schema gets the first
            at = schema, table
            tables.setdefault(table.lower(), Table(table, tuple(columns[at]), keys.get(at), tuple(foreign[at]), comment or "", bool(is_view)))
        return Schema(name, "duckdb", tuple(tables.values()))

    def _raise_if_elsewhere(self) -> None:
        """Raises Stopped: no table is where tables are looked for, and some are in other schemas."""
        others = self._rows(
            "SELECT schema_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal"
            " UNION SELECT schema_name FROM duckdb_views() WHERE database_name = current_database() AND NOT internal ORDER BY 1"
        )
        if others:
            named = ",".join(schema for (schema,) in others)
            raise Stopped(
                "unreachable", f"no table is in the schema {', '.join(self._schemas)}; address {self._path} as duckdb:///{self._path}?schema={named}"
            )

    def _rows(self, sql: str, *parameters: Any) -> Sequence[Any]:
        return self._connection.execute(sql, parameters or None).fetchall()


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
