"""PostgreSQL: each query in a read-only transaction that is rolled back, under a role that can do nothing but read; any other role is refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any, Final, cast

import psycopg
from psycopg import sql
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

from operators.databases.execution import Row
from operators.databases.schema import Column, ForeignKey, Key, Schema, Table
from operators.tables.errors import closest
from resources.databases.drivers.driver import Stopped, in_pieces, plain_rows, read_rows, type_class
from resources.databases.limits import Limits
from resources.databases.target import Target

CONNECT_SECONDS: Final = 10
MAY_NOT_BE: Final = (
    *("pg_read_server_files", "pg_write_server_files", "pg_execute_server_program", "pg_signal_backend", "pg_write_all_data", "pg_checkpoint"),
    *("pg_maintain", "pg_create_subscription"),
)
_POWERS: Final = """
SELECT what FROM (
  SELECT unnest(array[
    CASE WHEN rolsuper THEN 'is a superuser' END, CASE WHEN rolcreaterole THEN 'may make roles' END,
    CASE WHEN rolcreatedb THEN 'may make databases' END, CASE WHEN rolreplication THEN 'may replicate' END,
    CASE WHEN rolbypassrls THEN 'bypasses row security' END]) AS what
  FROM pg_roles WHERE rolname = current_user
  UNION ALL SELECT 'is a member of ' || rolname FROM pg_roles WHERE rolname = ANY(%s) AND pg_has_role(current_user, oid, 'MEMBER')
  UNION ALL (SELECT 'may write the table ' || c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
      AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') LIMIT 3)
  UNION ALL (SELECT 'may advance the sequence ' || c.oid::regclass FROM pg_class c
    WHERE CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'USAGE, UPDATE') END LIMIT 3)
  UNION ALL (SELECT 'may create in the schema ' || nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%%' AND has_schema_privilege(oid, 'CREATE') LIMIT 3)
  UNION ALL SELECT 'may create schemas' WHERE has_database_privilege(current_database(), 'CREATE')
) AS powers WHERE what IS NOT NULL
"""
_NO_DAY: Final = {"date": DateLoader, "timestamp": TimestampLoader, "timestamptz": TimestamptzLoader}
"""Of what Python has no date for, such as 'infinity' and years before Christ, the text is given."""
_RESET: Final = "ROLLBACK; SELECT pg_advisory_unlock_all()"


class PostgresDriver:
    dialect = "postgres"

    def __init__(self, target: Target, limits: Limits) -> None:
        settings = "-c default_transaction_read_only=on -c idle_in_transaction_session_timeout=60s -c client_encoding=UTF8 -c DateStyle=ISO"
        options = dict(target.options)
        schemas = [name for name in options.pop("schema", "").split(",") if name]
        try:
            self._connection = psycopg.connect(
                host=target.host,
                port=target.port,
                user=target.user,
                password=target.password or None,
                dbname=target.database,
                options=settings,
                connect_timeout=CONNECT_SECONDS,
                autocommit=True,
                prepare_threshold=None,
                application_name="dataflow",
                **cast(dict[str, Any], options),
            )
        except psycopg.Error as error:
            raise Stopped("unreachable", " ".join(str(error).split())) from None
        self._target = target
        self._timeout = 0
        for type_, loader in _NO_DAY.items():
            self._connection.adapters.register_loader(type_, _or_text(loader))
        self._read_schemas(schemas)
        if powers := [row[0] for row in self._connection.execute(_POWERS, (list(MAY_NOT_BE),)).fetchall()]:
            self.close()
            remedy = f"CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; and name it in the address of {target.name}"
            raise Stopped("refused", f"the role {target.user} {', '.join(powers)}. Give one that can only read: {remedy}")

    def _read_schemas(self, named: Sequence[str]) -> None:
        """Look for tables in these schemas alone, where some are named. Raises Stopped: one of them is not there."""
        known = [name for (name,) in self._connection.execute("SELECT nspname FROM pg_namespace").fetchall()] if named else []
        found = [name if name in known else name.lower() for name in named]
        if missing := [name for name in found if name not in known]:
            self.close()
            raise Stopped("unreachable", f'the database has no schema "{missing[0]}". {closest(missing[0], known)}'.strip())
        if found:
            self._connection.execute(sql.SQL("SET search_path = {}").format(sql.SQL(", ").join(map(sql.Identifier, found))))

    def execute(self, sql: str, limits: Limits) -> tuple[list[tuple[str, str]], list[Row]]:
        connection = self._connection
        milliseconds = int(limits.seconds * 1000)
        try:
            if milliseconds != self._timeout:
                connection.execute(_as_query(f"SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds}"))
                self._timeout = milliseconds
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            with connection.cursor() as cursor:
                stream = cast(Generator[Any, None, None], cursor.stream(_as_query(sql)))
                with closing(stream):  # which cancels what is left of the query
                    rows = list(plain_rows(read_rows(in_pieces(stream), limits)))
                described = [(column.name, column.type_code) for column in cursor.description or ()] or self._described(sql)
                return [(column, _type_name(connection, code)) for column, code in described], rows
        except (psycopg.Error, MemoryError) as error:
            raise _why(error) from None
        except ValueError as error:  # a date of before the year 1, which Python does not know
            raise Stopped("error", str(error)) from None
        finally:
            self._reset()

    def _reset(self) -> None:
        """Raises Stopped: the limit came while the server was ending the query. The connection is then given up."""
        try:
            if not self._connection.closed:
                self._connection.execute(_RESET)
        except psycopg.Error as error:
            self._connection.close()
            why = _why(error)
            raise (why if why.cause == "time limit" else Stopped("unreachable", str(why))) from None

    def _described(self, sql: str) -> list[tuple[str, int]]:
        """The columns of an answer without rows, which a stream does not tell."""
        server = self._connection.pgconn
        server.prepare(b"", sql.encode())
        described = server.describe_prepared(b"")
        if not described.nfields:
            raise Stopped("refused", "it gives no rows: only queries are run")
        return [((described.fname(place) or b"").decode(), described.ftype(place)) for place in range(described.nfields)]

    def interrupt(self) -> None:
        self._connection.cancel_safe(timeout=2)

    def close(self) -> None:
        self._connection.close()

    def schema(self, name: str) -> Schema:
        try:
            return self._schema(name)
        except psycopg.Error as error:
            raise Stopped("unreachable", str(error).splitlines()[0]) from None

    def _schema(self, name: str) -> Schema:
        visible = "n.nspname = ANY(current_schemas(false)) AND pg_table_is_visible({}.oid)"  # of two of one name the first of the search path
        tables = self._rows(
            "SELECT c.oid, c.relname, obj_description(c.oid, 'pg_class'), c.relkind IN ('v', 'm') FROM pg_class c JOIN pg_namespace n"
            f" ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND {visible.format('c')}"
            " AND has_any_column_privilege(c.oid, 'SELECT') ORDER BY c.oid"
        )
        columns: defaultdict[int, list[Column]] = defaultdict(list)
        for table, column, type_, required, comment in self._rows(
            "SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(a.attrelid, a.attnum)"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            f" WHERE a.attnum > 0 AND NOT a.attisdropped AND {visible.format('c')} AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')"
            " ORDER BY a.attrelid, a.attnum"
        ):
            columns[table].append(Column(column, type_, type_class(type_), not required, comment or ""))
        keys: dict[int, Key] = {}
        foreign: defaultdict[int, list[ForeignKey]] = defaultdict(list)
        named = "(SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest({0}) WITH ORDINALITY k(number, place) JOIN pg_attribute a" + (
            " ON a.attrelid = {1} AND a.attnum = k.number)"
        )
        for table, kind, names, other, others in self._rows(
            f"SELECT o.conrelid, o.contype, {named.format('o.conkey', 'o.conrelid')}, f.relname, {named.format('o.confkey', 'o.confrelid')}"
            " FROM pg_constraint o LEFT JOIN pg_class f ON f.oid = o.confrelid LEFT JOIN pg_namespace n ON n.oid = f.relnamespace"
            f" WHERE o.contype IN ('p', 'f') AND o.conparentid = 0 AND (f.oid IS NULL OR {visible.format('f')})"
        ):
            if kind in ("p", b"p"):
                keys[table] = Key(tuple(names))
            else:
                foreign[table].append(ForeignKey(tuple(names), other, tuple(others)))
        made = (
            Table(table, tuple(columns[oid]), keys.get(oid), tuple(foreign[oid]), comment or "", bool(is_view))
            for oid, table, comment, is_view in tables
        )
        return Schema(name, "postgres", tuple(made))

    def _rows(self, sql: str) -> Sequence[Any]:
        return self._connection.execute(_as_query(sql)).fetchall()


def _or_text(loader: type[Any]) -> type[Any]:
    class OrText(loader):  # type: ignore[misc]
        def load(self, data: Any) -> Any:
            try:
                return super().load(data)
            except psycopg.DataError:
                return bytes(data).decode()

    return OrText


def _as_query(sql: str) -> bytes:
    """psycopg takes texts of the program alone for SQL, and bytes from anywhere."""
    return sql.encode()


def _type_name(connection: psycopg.Connection[Any], code: int) -> str:
    known = connection.adapters.types.get(code)
    return known.name if known else f"oid {code}"


def _why(error: BaseException) -> Stopped:
    message = str(error).strip().splitlines()[0] if str(error).strip() else "out of memory"
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, MemoryError) or state in ("53200", "54000") or "out of memory" in message or "invalid memory alloc" in message:
        return Stopped("memory limit", message)
    if state in ("57014", "55P03"):
        return Stopped("time limit", message)
    if state in ("42501", "25006") or "multiple commands" in message:
        return Stopped("refused", message)
    if state.startswith("08") or state in ("57P01", "57P02") or (not state and isinstance(error, psycopg.OperationalError)):
        return Stopped("unreachable", message)
    return Stopped("error", message)
