"""SQLite: opened read-only, with an authorizer that lets nothing but reading pass, and SQLite's own limits."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from operators.databases.execution import Row
from operators.databases.schema import Column, ForeignKey, Key, Schema, Table
from resources.databases.drivers.driver import Stopped, read_rows, type_class
from resources.databases.limits import Limits
from resources.databases.target import Target

_MAY = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_MAY_NOT_CALL = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "fsdir", "lsmode"}
_CLASS_OF = {type(None): "null", int: "integer", float: "real", str: "text", bytes: "blob"}


class SqliteDriver:
    dialect = "sqlite"

    def __init__(self, target: Target) -> None:
        self._connection = _opened(target)
        self._connection.text_factory = _text
        self._connection.execute("PRAGMA query_only = ON")
        self._connection.execute("PRAGMA trusted_schema = OFF")
        self._connection.execute("PRAGMA mmap_size = 0")
        self._refused = ""

    def execute(self, sql: str, limits: Limits) -> tuple[list[tuple[str, str]], list[Row]]:
        connection = self._connection
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.answer_bytes)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._refused = ""
        connection.set_authorizer(self._authorize)
        cursor = connection.cursor()
        try:
            cursor.execute(sql)
            if cursor.description is None:
                raise Stopped("refused", "it gives no rows: only queries are run")
            rows = read_rows(cursor.fetchmany, limits)
        except (sqlite3.Error, sqlite3.Warning, MemoryError) as error:
            raise self._why(error, limits) from None
        finally:
            cursor.close()
        names = [column[0] for column in cursor_description(cursor)]
        return [(name, _class_of_values(rows, place)) for place, name in enumerate(names)], rows

    def _authorize(self, action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
        if action in _MAY and not (action == sqlite3.SQLITE_FUNCTION and str(second).lower() in _MAY_NOT_CALL):
            return sqlite3.SQLITE_OK
        self._refused = f"{_ACTIONS.get(action, f'action {action}')} {second if action == sqlite3.SQLITE_FUNCTION else first or ''}".strip()
        return sqlite3.SQLITE_DENY

    def _why(self, error: BaseException, limits: Limits) -> Stopped:
        message = str(error)
        if self._refused:
            return Stopped("refused", f"{self._refused} is not allowed: only reading is")
        if isinstance(error, MemoryError) or "out of memory" in message:
            return Stopped("memory limit", message or "out of memory")
        if "string or blob too big" in message:
            return Stopped("byte limit", f"a value is larger than {limits.answer_megabytes:g} MB")
        if getattr(error, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_WRITE"):
            return Stopped("memory limit", f"its temporary files are larger than {limits.temporary_megabytes:,} MB")
        if "interrupted" in message:
            return Stopped("time limit", message)
        if "one statement at a time" in message:
            return Stopped("refused", "it is more than one statement")
        if "readonly" in message:
            return Stopped("refused", message)
        return Stopped("error", message)

    def interrupt(self) -> None:
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()

    def schema(self, name: str) -> Schema:
        self._connection.set_authorizer(None)
        try:
            found = self._rows("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY rowid")
            tables = ((table, kind) for table, kind in found if not table.startswith("sqlite_"))
            return Schema(name, "sqlite", tuple(self._table(table, kind == "view") for table, kind in tables))
        except sqlite3.Error as error:
            raise Stopped("unreachable", str(error)) from None

    def _table(self, table: str, is_view: bool) -> Table:
        described = self._rows('SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid', table)
        columns = tuple(Column(name, type_, type_class(type_) if type_ else "other", nullable=not required) for name, type_, required, _ in described)
        key = tuple(name for name, _, _, place in sorted(described, key=lambda one: one[3]) if place)
        pairs: defaultdict[int, list[tuple[str, str, str | None]]] = defaultdict(list)
        listed = 'SELECT id, "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq'
        for number, column, other, other_column in self._rows(listed, table):
            pairs[number].append((column, other, other_column))
        foreign = tuple(self._foreign_key(pair) for pair in pairs.values())
        return Table(table, columns, Key(key) if key else None, foreign, is_view=is_view)

    def _foreign_key(self, pairs: list[tuple[str, str, str | None]]) -> ForeignKey:
        other = pairs[0][1]
        others = tuple(column or self._key_of(other, place) for place, (_, _, column) in enumerate(pairs))
        return ForeignKey(tuple(column for column, _, _ in pairs), other, others)

    def _key_of(self, table: str, place: int) -> str:
        """A foreign key may name the table alone: then it points to its primary key."""
        key = [name for name, _ in self._rows("SELECT name, pk FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table)]
        return str(key[place]) if place < len(key) else ""

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        return self._connection.execute(sql, values).fetchall()


def cursor_description(cursor: sqlite3.Cursor) -> list[tuple[str, ...]]:
    return list(cursor.description or ())


def _opened(target: Target) -> sqlite3.Connection:
    path = Path(target.path)
    if not path.is_file():
        raise Stopped("unreachable", f"{path} is not there")
    address = f"file:{quote(str(path))}?mode=ro"
    for immutable in ("", "&immutable=1"):
        if immutable and path.with_name(path.name + "-wal").exists():
            break
        connection = sqlite3.connect(address + immutable, uri=True, check_same_thread=False, timeout=1, isolation_level=None, cached_statements=16)
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.Error as error:
            connection.close()
            problem = str(error)
            continue
        return connection
    raise Stopped("unreachable", f"{path} cannot be opened: {problem}")


def _text(value: bytes) -> str:
    """Old files hold texts that are not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace")


def _class_of_values(rows: list[Row], place: int) -> str:
    classes = {_CLASS_OF.get(type(row[place]), "other") for row in rows[:1000]} - {"null"}
    return ", ".join(sorted(classes)) or "null"


_OTHER_ACTIONS = "ATTACH DETACH DELETE INSERT UPDATE PRAGMA TRANSACTION SAVEPOINT REINDEX ANALYZE FUNCTION"
_ACTIONS = {
    getattr(sqlite3, name): name.removeprefix("SQLITE_").replace("_", " ")
    for name in dir(sqlite3)
    if name.startswith(("SQLITE_CREATE", "SQLITE_DROP", "SQLITE_ALTER")) or name.removeprefix("SQLITE_") in _OTHER_ACTIONS.split()
}
