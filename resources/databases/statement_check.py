"""Whether a text is one query that only reads, told from its syntax tree before any engine sees it."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from operators.databases.schema import Dialect

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it reads as a command is refused, which is told as the reason

MOST_CHARACTERS: Final = 30_000
"""Longer texts are no queries that somebody wrote, and reading them takes longer than a query may."""

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

_OF_EVERY: Final = frozenset(
    "load_extension readfile writefile file_read edit eval shell system zipfile csv fts3_tokenizer load_file sleep benchmark getenv"
    " current_setting".split()
)
_FUNCTIONS: Final[dict[Dialect, frozenset[str]]] = {
    "sqlite": frozenset("fsdir lsmode sqlite_log".split()),
    "duckdb": frozenset(
        "nextval currval set_variable getvariable query query_table json_execute_serialized_sql glob which_secret force_checkpoint checkpoint"
        " write_log arrow_scan arrow_scan_dumb seq_scan index_scan add_parquet_key sql_auto_complete".split()
    ),
    "postgres": frozenset(
        "set_config nextval setval lastval currval query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema"
        " table_to_xml schema_to_xml database_to_xml ts_stat ts_rewrite xpath_table crosstab crosstab2 crosstab3 crosstab4 connectby loread lowrite"
        " currtid2 inet_server_addr inet_server_port".split()
    ),
    "mysql": frozenset(
        "get_lock release_lock release_all_locks is_free_lock is_used_lock master_pos_wait master_gtid_wait wait_for_executed_gtid_set"
        " nextval setval lastval sys_exec sys_eval last_insert_id extractvalue updatexml".split()
    ),
}
_PREFIXES: Final[dict[Dialect, tuple[str, ...]]] = {
    "sqlite": ("pragma_",),
    "duckdb": (
        "read_",
        "parquet_",
        "duckdb_",
        "pragma_",
        "sniff_",
        "sqlite_",
        "postgres_",
        "mysql_",
        "iceberg_",
        "delta_",
        "st_read",
        "http_",
        "enable_",
        "disable_",
    ),
    "postgres": ("pg_", "lo_", "dblink", "txid_", "binary_upgrade_", "file_fdw", "brin_", "gin_"),
    "mysql": (),
}
_HARMLESS: Final = frozenset({"pg_typeof", "pg_column_size", "pg_size_pretty"})
_VERSION_COMMENTS: Final = ("/*!", "/*M!")
_ESCAPED_NAME: Final = re.compile(r'\bu&\s*"', re.IGNORECASE)
_INSIDE: Final[dict[Dialect, re.Pattern[str]]] = {
    "sqlite": re.compile(r"pragma_|dbstat$|sqlite_(dbpage|stmt)$"),
    "duckdb": re.compile(r"(pg_settings|duckdb_.*)$"),
    "postgres": re.compile(
        r"pg_(authid|shadow|user_mappings?|largeobject.*|file_settings|hba_file_rules|ident_file_mappings|settings|db_role_setting|config|stat.*"
        r"|shmem_allocations|backend_memory_contexts|subscription.*|replication.*|locks)$"
    ),
    "mysql": re.compile(r"processlist$"),
}
"""Tables that tell of the server and of others who use it, not of the data."""
_FILE_NAME: Final = re.compile(r"[/\\*?]|://|\.(csv|tsv|txt|json|jsonl|ndjson|parquet|db|duckdb|sqlite|xlsx|arrow|gz|zst)$")


@lru_cache(maxsize=4096)
def why_not(sql: str, dialect: Dialect) -> str:
    """Why a text is not run, in a few words; "" where it is one query that only reads."""
    if len(sql) > MOST_CHARACTERS:
        return f"it has more than {MOST_CHARACTERS:,} characters"
    if "\0" in sql:
        return "it holds a character of code 0"
    if dialect == "mysql" and any(mark in sql for mark in _VERSION_COMMENTS):
        return "it holds a comment that MySQL would run (/*! ... */)"
    if dialect == "postgres" and _ESCAPED_NAME.search(sql):
        return 'it holds a name in escapes (U&"...")'
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
    if isinstance(tree, exp.Condition | exp.Alias):  # words that no statement begins with are read as a column
        return "it is no query: only SELECT, WITH ... SELECT and VALUES are"
    if not isinstance(tree, exp.Query | exp.Values):
        return f"{_named(tree)} is not allowed: only SELECT, WITH ... SELECT and VALUES are"
    for node in tree.walk():
        if isinstance(node, _CHANGES):
            return f"{_named(node)} is not allowed: only reading is"
        if isinstance(node, exp.SessionParameter) or (isinstance(node, exp.Parameter) and dialect == "mysql"):
            return "a variable of the server is not allowed: only the tables of the database are read"
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
    if isinstance(this, exp.Literal) or (isinstance(this, exp.Identifier) and dialect == "duckdb" and _FILE_NAME.search(this.name.lower())):
        return f"the file {this.name}"
    if isinstance(this, exp.Func | exp.Anonymous | exp.Dot):
        return ""  # a function, which is looked at by itself
    schema = node.db.lower()
    if dialect == "mysql" and schema in ("mysql", "performance_schema", "sys"):
        return f"{schema}.{node.name}"
    return node.name if _INSIDE[dialect].match(node.name.lower()) else ""


def _named(node: exp.Expr) -> str:
    if isinstance(node, exp.Command):
        return str(node.this).upper()
    return _WORDS.get(type(node), type(node).__name__.upper())


def _first_sentence(message: str) -> str:
    line = message.splitlines()[0] if message else "it cannot be read"
    return line.replace("\x1b[4m", "").replace("\x1b[0m", "")[:200]
