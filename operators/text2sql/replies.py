"""The query in what a model answers."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from operators.bases.fenced_blocks import blocks_of
from operators.tables.errors import RowFailed
from operators.text2sql.trees import NotSQL, query_tree

TAGS: Final = frozenset({"", "sql", "sqlite", "duckdb", "postgres", "postgresql", "mysql", "mariadb"})
_BEGINNING: Final = re.compile(r"^[ \t]*(?:WITH|SELECT)\b", re.IGNORECASE | re.MULTILINE)
MOST_BEGINNINGS: Final = 8


def is_own_fault(failed: RowFailed) -> bool:
    """Whether a model answered, and badly: not whether nobody answered."""
    return str(failed).startswith(("invalid_answer", "truncated"))


def sql_of(reply: str, dialect: str = "sqlite") -> str | None:
    """The query in a reply, without a semicolon at its end: the last fenced block that is one; where nothing is fenced, the last run of lines from
    SELECT or WITH on that is one. None where there is none: half a query is none.

    >>> sql_of("First we join." + chr(10) + "```sql" + chr(10) + "SELECT name FROM singer;" + chr(10) + "```")
    'SELECT name FROM singer'
    >>> sql_of("Use SELECT ... FROM to read.") is None
    True
    """
    blocks = blocks_of(reply)
    if blocks:
        return next((sql for block in reversed(blocks) if block.tag in TAGS and (sql := _query(block.code, dialect))), None)
    text = reply.strip()
    starts = [match.start() for match in _BEGINNING.finditer(text)]
    candidates = [text[start:].split(";")[0].split("\n\n")[0] for start in starts[-MOST_BEGINNINGS:]]
    whole = [sql for candidate in candidates if (sql := _query(candidate, dialect))]
    return max(whole, key=len) if whole else None


def steps_before(reply: str, sql: str) -> str:
    """What a reply says before its query, `sql_of` it.

    >>> steps_before("First we join." + chr(10) + "```sql" + chr(10) + "SELECT name FROM singer;" + chr(10) + "```", "SELECT name FROM singer")
    'First we join.'
    """
    place = reply.rfind(sql.splitlines()[0].strip())
    return re.sub(r"[`~]{3,}\w*\s*$", "", reply[: max(place, 0)].rstrip()).rstrip()


def _query(text: str, dialect: str) -> str | None:
    sql = text.strip().rstrip(";").strip()
    try:
        tree = query_tree(sql, dialect)
    except NotSQL:
        return None
    select = tree.find(exp.Select)
    return sql if select is not None and select.expressions and "..." not in sql else None
