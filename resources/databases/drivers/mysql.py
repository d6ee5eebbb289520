"""MySQL and MariaDB: each query in a read-only transaction that is rolled back, under a user that may do nothing but read; any other is refused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import Cursor, SSCursor

from operators.databases.execution import Row
from operators.databases.schema import Column, ForeignKey, Key, Schema, Table
from resources.databases.drivers.driver import Stopped, plain_rows, read_rows, type_class
from resources.databases.limits import Limits
from resources.databases.target import Target

CONNECT_SECONDS: Final = 10
HARMLESS: Final = frozenset({"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES"})
_GRANT: Final = re.compile(r"GRANT (?P<privileges>.+?) ON (?P<what>.+?) TO ", re.IGNORECASE)
_TIMED_OUT: Final = {1969, 3024, 1317, 1205}
_OUT_OF_MEMORY: Final = {1037, 1038, 1041, 1114, 1153, 1301, 4192}
_CUT: Final = {1260, 1301}
_REFUSED: Final = {1044, 1045, 1142, 1143, 1227, 1290, 1370, 1792}
_GONE: Final = {2002, 2003, 2006, 2013, 2055, 1053, 1927, 4031}
_TYPES: Final = {code: name.lower() for name, code in vars(FIELD_TYPE).items() if name.isupper() and name not in ("CHAR", "INTERVAL")}


class MySQLDriver:
    dialect = "mysql"

    def __init__(self, target: Target, limits: Limits) -> None:
        self._target = target
        self._prepared: Limits | None = None
        self._connection = self._connect()
        self._is_mariadb = "MariaDB" in self._connection.get_server_info()
        if powers := [power for grant in self._rows("SHOW GRANTS") if (power := more_than_reading(str(grant[0])))]:
            self.close()
            remedy = f"CREATE USER reader; GRANT SELECT ON {target.database}.* TO reader; and name it in the address of {target.name}"
            raise Stopped("refused", f"the user {target.user} {', '.join(powers)}. Give one that can only read: {remedy}")
        self._prepare(limits)

    def _connect(self) -> pymysql.Connection[Cursor]:
        target = self._target
        try:
            return pymysql.connect(
                host=target.host,
                port=target.port,
                user=target.user,
                password=target.password,
                database=target.database,
                charset="utf8mb4",
                autocommit=True,
                local_infile=False,
                connect_timeout=CONNECT_SECONDS,
                **dict(target.options),
            )
        except (pymysql.Error, OSError) as error:
            raise Stopped("unreachable", _message(error)) from None

    def _prepare(self, limits: Limits) -> None:
        """What the server itself keeps of the limits, for this session."""
        seconds, memory = limits.seconds, limits.memory_bytes
        self._command("SET SESSION TRANSACTION READ ONLY")
        self._command(f"SET SESSION sql_select_limit = {limits.rows + 1}")
        self._command(f"SET SESSION group_concat_max_len = {limits.answer_bytes}")
        self._command(f"SET SESSION innodb_lock_wait_timeout = {max(1, int(seconds))}")
        if self._is_mariadb:
            self._command(f"SET SESSION max_statement_time = {seconds}")
            self._command("SET SESSION max_recursive_iterations = 4294967295")  # else a recursion is cut off without a word
            self._command(f"SET SESSION max_session_mem_used = {memory}")
            self._command(f"SET SESSION tmp_disk_table_size = {limits.temporary_megabytes * 1_000_000}")
        else:
            self._command(f"SET SESSION max_execution_time = {int(seconds * 1000)}")
        self._prepared = limits

    def execute(self, sql: str, limits: Limits) -> tuple[list[tuple[str, str]], list[Row]]:
        try:
            if not self._connection.open:
                self._connection = self._connect()
                self._prepare(limits)
            elif limits != self._prepared:
                self._prepare(limits)
            self._command("START TRANSACTION READ ONLY")
        except (pymysql.Error, OSError) as error:
            raise _why(error) from None
        cursor = SSCursor(self._connection)
        try:
            cursor.execute(sql)
            if cursor.description is None:
                raise Stopped("refused", "it gives no rows: only queries are run")
            rows = list(plain_rows(read_rows(cursor.fetchmany, limits)))
            columns = [(str(column[0]), _TYPES.get(column[1], str(column[1]))) for column in cursor.description]
            self._check_warnings(limits)
            self._command("ROLLBACK")
        except Stopped:
            self._abandon()
            raise
        except (MemoryError, ValueError, OSError) as error:
            self._abandon()
            raise _why(error) from None
        except pymysql.Error as error:  # the answer is over: nothing is left to be read
            self._roll_back()
            raise _why(error) from None
        return columns, rows

    def _roll_back(self) -> None:
        try:
            self._command("ROLLBACK")
        except (pymysql.Error, OSError):
            self._connection._force_close()

    def _check_warnings(self, limits: Limits) -> None:
        """Where a value would be too long, the server cuts it, or gives NULL, and warns. Raises Stopped."""
        result = self._connection._result
        if result is not None and result.warning_count and {code for _, code, _ in self._connection.show_warnings()} & _CUT:
            raise Stopped("byte limit", f"a value is larger than {limits.answer_megabytes:g} MB, or than the server's max_allowed_packet")

    def _abandon(self) -> None:
        """The rest of the answer would have to be read before anything else could be asked: a new connection is sooner there."""
        self.interrupt()
        self._connection._force_close()

    def interrupt(self) -> None:
        """From a connection of its own, as the server wants it."""
        with suppress(pymysql.Error, OSError, Stopped):
            killer = self._connect()
            try:
                with killer.cursor() as cursor:
                    cursor.execute(f"KILL QUERY {self._connection.thread_id()}")
            finally:
                killer._force_close()

    def close(self) -> None:
        self._connection._force_close()

    def schema(self, name: str) -> Schema:
        try:
            return self._schema(name)
        except pymysql.Error as error:
            raise Stopped("unreachable", _message(error)) from None

    def _schema(self, name: str) -> Schema:
        here = "table_schema = DATABASE()"
        tables = self._rows(
            f"SELECT table_name, table_comment, table_type FROM information_schema.tables WHERE {here}"
            " AND table_type <> 'SEQUENCE' ORDER BY table_name"
        )
        columns: defaultdict[str, list[Column]] = defaultdict(list)
        for table, column, type_, nullable, comment in self._rows(
            "SELECT table_name, column_name, column_type, is_nullable, column_comment FROM information_schema.columns"
            f" WHERE {here} ORDER BY table_name, ordinal_position"
        ):
            columns[table].append(Column(column, _text(type_), type_class(_text(type_)), nullable == "YES", comment or ""))
        keys: defaultdict[str, list[str]] = defaultdict(list)
        pairs: defaultdict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
        for table, constraint, column, other, other_column in self._rows(
            "SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage"
            f" WHERE {here} AND (constraint_name = 'PRIMARY' OR referenced_table_schema = DATABASE())"
            " ORDER BY table_name, constraint_name, ordinal_position"
        ):
            if other is None:
                keys[table].append(column)
            else:
                pairs[table, constraint, other].append((column, other_column))
        foreign: defaultdict[str, list[ForeignKey]] = defaultdict(list)
        for (table, _, other), pair in pairs.items():
            foreign[table].append(ForeignKey(tuple(column for column, _ in pair), other, tuple(column for _, column in pair)))
        made = (
            Table(
                table,
                tuple(columns[table]),
                Key(tuple(keys[table])) if table in keys else None,
                tuple(foreign[table]),
                "" if kind == "VIEW" else comment or "",
                kind == "VIEW",
            )
            for table, comment, kind in tables
        )
        return Schema(name, "mysql", tuple(made))

    def _rows(self, sql: str) -> Sequence[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def _command(self, sql: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)


def more_than_reading(grant: str) -> str:
    """What a line of SHOW GRANTS allows beyond reading; "" if nothing.

    >>> more_than_reading("GRANT SELECT ON `shop`.* TO `reader`@`%`")
    ''
    >>> more_than_reading("GRANT SELECT, FILE ON *.* TO `reader`@`%`")
    'has FILE on *.*'
    """
    match = _GRANT.match(grant)
    if match is None:
        return f"has more than can be told: {grant.split(' IDENTIFIED ')[0]}"
    privileges = {re.sub(r"\(.*", "", part).strip().upper() for part in re.split(r",(?![^(]*\))", match["privileges"])}
    too_much = sorted(privileges - HARMLESS)
    if "WITH GRANT OPTION" in grant.upper():
        too_much.append("GRANT OPTION")
    return f"has {', '.join(too_much)} on {match['what']}" if too_much else ""


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _message(error: BaseException) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)


def _why(error: BaseException) -> Stopped:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    message = _message(error)
    if isinstance(error, MemoryError) or code in _OUT_OF_MEMORY:
        return Stopped("memory limit", message or "out of memory")
    if code in _TIMED_OUT:
        return Stopped("time limit", message)
    if code in _REFUSED:
        return Stopped("refused", message)
    if code in _GONE or isinstance(error, OSError):
        return Stopped("unreachable", message)
    return Stopped("error", message)
