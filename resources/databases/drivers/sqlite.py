"""SQLite: opened read-only, with an authorizer that lets nothing but reading pass, and SQLite's own limits."""

from __future__ import annotations

import contextlib
import sqlite3
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from operators.databases.execution import Row
from operators.databases.names import quoted
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
        self._connect_virtual_tables()
        self._refused = ""

    def _connect_virtual_tables(self) -> None:
        """Before anything is forbidden: SQLite declares a virtual table, of FTS5 or of JSON, by writing to the schema that it holds in memory."""
        virtual = self._rows("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
        for name in ("json_each('[]')", "json_tree('[]')", *(quoted(name, "sqlite") for (name,) in virtual)):
            with contextlib.suppress(sqlite3.Error):  # of a module that is not there; who asks for the table is told
                self._rows(f"SELECT 1 FROM {name} LIMIT 0")

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
        if (action, first, second) == (sqlite3.SQLITE_PRAGMA, "data_version", None):
            return sqlite3.SQLITE_OK  # full-text search asks whether the file has changed
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
            shadows = set()
            with contextlib.suppress(sqlite3.OperationalError):  # SQLite before 3.37 does not tell them
                shadows = {shadow for (shadow,) in self._rows("SELECT name FROM pragma_table_list WHERE type = 'shadow'")}
            tables = ((table, kind) for table, kind in found if not table.startswith("sqlite_") and table not in shadows)
            described = [self._described(table, kind == "view") for table, kind in tables]
            return Schema(name, "sqlite", tuple(table for table in described if table is not None))
        except sqlite3.Error as error:
            raise Stopped("unreachable", str(error)) from None

    def _described(self, table: str, is_view: bool) -> Table | None:
        """None, with a warning, for what cannot be read itself: a view of a table that is gone, or a table of a module that is not there."""
        try:
            return self._table(table, is_view)
        except sqlite3.OperationalError as error:
            warnings.warn(f'{"view" if is_view else "table"} "{table}" is left out of the schema: {error}', stacklevel=2)
            return None

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
    """Read-only, and in a folder where nothing can be written too: there a file in WAL mode is taken for one that nobody changes."""
    path = Path(target.path)
    if not path.is_file():
        raise Stopped("unreachable", f"{path} is not there")
    try:
        return _connected(path, "")
    except sqlite3.Error as error:
        problem = error
    if getattr(problem, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        raise Stopped("unreachable", f"{path} is locked by another process, which writes to it. Try again when that is done.")
    journal = path.with_name(path.name + "-journal")
    if journal.exists():
        said = f"{path} has an unfinished transaction in {journal.name}: who wrote to it was ended. Open it once with sqlite3, which takes it back."
        raise Stopped("unreachable", said)
    if not path.with_name(path.name + "-wal").exists():
        try:
            return _connected(path, "&immutable=1")
        except sqlite3.Error as error:
            problem = error
    raise Stopped("unreachable", f"{path} cannot be opened: {problem}")


def _connected(path: Path, how: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?mode=ro{how}"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False, timeout=1, isolation_level=None, cached_statements=16)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


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
