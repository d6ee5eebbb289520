"""The query in what a model answers."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from sqlglot import exp

from operators.bases.fenced_blocks import blocks_of
from operators.tables.errors import RowFailed
from operators.text2sql.trees import NotSQL, query_tree

TAGS: Final = frozenset({"", "sql", "sqlite", "duckdb", "postgres", "postgresql", "mysql", "mariadb"})
_BEGINNING: Final = re.compile(r"^[ \t]*(?:WITH|SELECT)\b", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE: Final = re.compile(r"\n[ \t\r]*\n\s*")
_CLAUSE: Final = re.compile(
    r"(?:select|from|where|join|left|right|full|inner|cross|natural|on|and|or|group|having|order|limit"
    r"|offset|fetch|window|union|intersect|except|values)\b|[(),]|--",
    re.IGNORECASE,
)
MOST_BEGINNINGS: Final = 8
MOST_ENDS: Final = 8


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
    whole = [sql for start in starts[-MOST_BEGINNINGS:] if (sql := _first_query(text[start:], dialect))]
    return max(whole, key=len) if whole else None


def steps_before(reply: str, sql: str) -> str:
    """What a reply says before its query, `sql_of` it.

    >>> steps_before("First we join." + chr(10) + "```sql" + chr(10) + "SELECT name FROM singer;" + chr(10) + "```", "SELECT name FROM singer")
    'First we join.'
    """
    place = reply.rfind(sql.splitlines()[0].strip())
    return re.sub(r"[`~]{3,}\w*\s*$", "", reply[: max(place, 0)].rstrip()).rstrip()


def _first_query(text: str, dialect: str) -> str | None:
    """The query that a text begins with: up to a semicolon, or to a blank line after which no clause of it stands."""
    ends: list[int] = []
    for blank in _BLANK_LINE.finditer(text):
        ends.append(blank.start())
        if not _CLAUSE.match(text, blank.end()) or len(ends) == MOST_ENDS:
            break
    else:
        ends.append(len(text))
    for end in reversed(ends):
        semicolons = [place.start() for place in islice(re.finditer(";", text[:end]), MOST_ENDS)]
        for cut in [*semicolons, end]:  # the first may stand in a text
            if sql := _query(text[:cut], dialect):
                return sql
    return None


def _query(text: str, dialect: str) -> str | None:
    sql = text.strip().rstrip(";").strip()
    try:
        tree = query_tree(sql, dialect)
    except NotSQL:
        return None
    select = tree.find(exp.Select)
    return sql if select is not None and select.expressions and "..." not in sql else None
