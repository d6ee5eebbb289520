"""Whether a text is one query that only reads, told from its syntax tree before any engine sees it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from operators.databases.schema import Dialect

MOST_CHARACTERS: Final = 100_000
"""Longer texts are no queries that somebody wrote."""

_CHANGES: Final = (
    *(exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.TruncateTable, exp.Copy, exp.LoadData),
    *(exp.Command, exp.Set, exp.SetItem, exp.Pragma, exp.Attach, exp.Detach, exp.Use, exp.Transaction, exp.Commit, exp.Rollback),
    *(exp.Into, exp.Lock, exp.Kill, exp.Cache, exp.Analyze),
)
_WORDS: Final[dict[type[exp.Expr], str]] = {
    exp.Into: "SELECT INTO",
    exp.Lock: "locking rows",
    exp.LoadData: "LOAD DATA",
    exp.SetItem: "SET",
    exp.TruncateTable: "TRUNCATE",
}

_OF_EVERY: Final = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "load_file", "sleep", "benchmark", "getenv"})
_FUNCTIONS: Final[dict[Dialect, frozenset[str]]] = {
    "sqlite": frozenset("fsdir lsmode sqlite_dbpage".split()),
    "duckdb": frozenset("nextval currval set_variable query query_table glob which_secret force_checkpoint checkpoint write_log".split()),
    "postgres": frozenset(
        "set_config nextval setval lastval currval query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema"
        " table_to_xml schema_to_xml database_to_xml ts_stat ts_rewrite xpath_table currtid2 inet_server_addr inet_server_port".split()
    ),
    "mysql": frozenset(
        "get_lock release_lock release_all_locks is_free_lock is_used_lock master_pos_wait master_gtid_wait wait_for_executed_gtid_set"
        " nextval setval lastval sys_exec sys_eval last_insert_id extractvalue updatexml".split()
    ),
}
_PREFIXES: Final[dict[Dialect, tuple[str, ...]]] = {
    "sqlite": ("pragma_",),
    "duckdb": ("read_", "parquet_", "duckdb_", "pragma_", "sniff_", "sqlite_", "postgres_", "mysql_", "iceberg_", "delta_", "st_read", "http_"),
    "postgres": ("pg_", "lo_", "dblink", "txid_", "binary_upgrade_", "file_fdw"),
    "mysql": (),
}
_HARMLESS: Final = frozenset({"pg_typeof", "pg_column_size", "pg_size_pretty"})
_VERSION_COMMENTS: Final = ("/*!", "/*M!")


@lru_cache(maxsize=4096)
def why_not(sql: str, dialect: Dialect) -> str:
    """Why a text is not run, in a few words; "" where it is one query that only reads."""
    if len(sql) > MOST_CHARACTERS:
        return f"it has more than {MOST_CHARACTERS:,} characters"
    if "\0" in sql:
        return "it holds a character of code 0"
    if dialect == "mysql" and any(mark in sql for mark in _VERSION_COMMENTS):
        return "it holds a comment that MySQL would run (/*! ... */)"
    try:
        parsed = sqlglot.parse(sql, read=dialect)
    except (SqlglotError, ValueError) as error:
        return f"it is no {dialect} query: {_first_sentence(str(error))}"
    except RecursionError:
        return "it is nested too deeply"
    statements = [statement for statement in parsed if statement is not None and not isinstance(statement, exp.Semicolon)]
    if len(statements) != 1:
        return "there is no statement" if not statements else f"it is {len(statements)} statements: one is run"
    try:
        return _why_not_tree(statements[0], dialect)
    except RecursionError:
        return "it is nested too deeply"


def _why_not_tree(tree: exp.Expr, dialect: Dialect) -> str:
    if not isinstance(tree, exp.Query | exp.Values):
        return f"{_named(tree)} is not allowed: only SELECT, WITH ... SELECT and VALUES are"
    for node in tree.walk():
        if isinstance(node, _CHANGES):
            return f"{_named(node)} is not allowed: only reading is"
        if isinstance(node, exp.PropertyEQ) and isinstance(node.this, exp.Parameter | exp.SessionParameter):
            return "setting a variable is not allowed: only reading is"
        if isinstance(node, exp.Func | exp.Anonymous) and (name := _refused_function(node, dialect)):
            return f"the function {name} is not allowed: it does more than compute"
        if isinstance(node, exp.Table) and (name := _refused_table(node, dialect)):
            return f"{name} is not allowed: only the tables of the database are read"
    return ""


def _refused_function(node: exp.Expr, dialect: Dialect) -> str:
    name = (node.name if isinstance(node, exp.Anonymous) else node.meta.get("name") or node.sql_name()).lower()  # type: ignore[attr-defined]
    if name in _HARMLESS:
        return ""
    if name in _OF_EVERY or name in _FUNCTIONS[dialect] or name.startswith(_PREFIXES[dialect]):
        return str(name)
    return ""


def _refused_table(node: exp.Table, dialect: Dialect) -> str:
    """Tables that are files, or the inside of the engine."""
    this = node.this
    if isinstance(this, exp.Literal) or (isinstance(this, exp.Identifier) and dialect == "duckdb" and ("/" in this.name or "://" in this.name)):
        return f"the file {this.name}"
    if isinstance(this, exp.Func | exp.Anonymous | exp.Dot):
        return ""  # a function, which is looked at by itself
    schema = node.db.lower()
    if dialect == "mysql" and schema in ("mysql", "performance_schema", "sys"):
        return f"{schema}.{node.name}"
    if dialect == "postgres" and node.name.lower() in _SECRET_TABLES:
        return node.name
    return ""


_SECRET_TABLES: Final = frozenset(
    {"pg_authid", "pg_shadow", "pg_user_mapping", "pg_largeobject", "pg_file_settings", "pg_hba_file_rules", "pg_settings"}
)


def _named(node: exp.Expr) -> str:
    if isinstance(node, exp.Command):
        return str(node.this).upper()
    return _WORDS.get(type(node), type(node).__name__.upper())


def _first_sentence(message: str) -> str:
    line = message.splitlines()[0] if message else "it cannot be read"
    return line.replace("\x1b[4m", "").replace("\x1b[0m", "")[:200]
