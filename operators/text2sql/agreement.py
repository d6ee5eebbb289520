"""Whether two queries mean the same, as far as data tells: on the database itself, and on every instance of its test suite."""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot.errors import SqlglotError

from operators.databases.execution import Execution, NotExecuted, Statement
from operators.databases.serving import DatabaseServing
from operators.text2sql.equivalence import Mode, orders_rows, same_answer


@dataclass(frozen=True, slots=True)
class Agreement:
    """On how many of the databases the answers are the same."""

    same: int
    asked: int
    """The database, and the instances on which the gold query runs."""
    reason: str
    """Why they are not the same; "" where they are everywhere."""

    @property
    def everywhere(self) -> bool:
        return not self.reason


def agreement(databases: DatabaseServing, database: str, gold: str, other: str, mode: Mode = "spider", dialect: str = "sqlite") -> Agreement:
    """Instances are SQLite files: a query in another dialect is transpiled for them, and where that fails they are left out."""
    places = [database, *databases.instances(database)]
    ordered = orders_rows(gold, dialect)
    texts = [(gold, other), *[(_in_sqlite(gold, dialect), _in_sqlite(other, dialect))] * (len(places) - 1)]
    statements = [Statement(place, text) for place, pair in zip(places, texts, strict=True) for text in pair]
    answers = list(databases.execute_all(statements))
    same = asked = 0
    reason = ""
    for number, place in enumerate(places):
        one, two = answers[2 * number : 2 * number + 2]
        if number and isinstance(one, NotExecuted):
            continue
        asked += 1
        if same_answer(one, two, mode, ordered):
            same += 1
        elif not reason:
            reason = f"{place}: {_difference(one, two)}"
    return Agreement(same, asked, reason)


def _difference(gold: Execution, other: Execution) -> str:
    if isinstance(gold, NotExecuted):
        return f"the gold query has no answer ({gold})"
    if isinstance(other, NotExecuted):
        return f"no answer ({other})"
    if len(gold.columns) != len(other.columns):
        return f"{len(other.columns)} columns instead of {len(gold.columns)}"
    if len(gold.rows) != len(other.rows):
        return f"{len(other.rows)} rows instead of {len(gold.rows)}"
    return "other values, or another order"


def _in_sqlite(sql: str, dialect: str) -> str:
    if dialect == "sqlite":
        return sql
    try:
        return sqlglot.transpile(sql, read=dialect, write="sqlite")[0]
    except SqlglotError:
        return ""
