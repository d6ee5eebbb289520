"""Whether two queries mean the same, as far as data tells: on the database itself, and on every instance of its test suite."""

from __future__ import annotations

from collections.abc import Sequence
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
    failed: bool = False
    """Whether nothing was found out: the gold query has no answer, or a database could not be asked."""

    @property
    def everywhere(self) -> bool:
        return not self.reason


def agreement(databases: DatabaseServing, database: str, gold: str, other: str, mode: Mode = "spider", dialect: str = "sqlite") -> Agreement:
    """Instances are SQLite files: a query in another dialect is transpiled for them, and where that fails they are left out."""
    return agreements(databases, database, gold, [other], mode, dialect)[0]


def agreements(
    databases: DatabaseServing, database: str, gold: str, others: Sequence[str], mode: Mode = "spider", dialect: str = "sqlite"
) -> list[Agreement]:
    """The same of several queries with one gold query, which is executed once; so are equal queries."""
    places = [database, *databases.instances(database)]
    of_gold, *of_others = executed(databases, database, [gold, *others], dialect)
    return [agreement_of(places, of_gold, answers, mode, orders_rows(gold, dialect)) for answers in of_others]


def executed(databases: DatabaseServing, database: str, queries: Sequence[str], dialect: str = "sqlite") -> list[list[Execution]]:
    """For each query its answers: on the database, then on each instance of its test suite. Equal queries are executed once."""
    places = [database, *databases.instances(database)]
    different = list(dict.fromkeys(queries))
    texts = [[sql, *[_in_sqlite(sql, dialect)] * (len(places) - 1)] for sql in different]
    answers = databases.execute_all([Statement(place, text) for of_one in texts for place, text in zip(places, of_one, strict=True)])
    found = {sql: [next(answers) for _ in places] for sql in different}
    return [found[sql] for sql in queries]


def agreement_of(places: Sequence[str], gold: Sequence[Execution], other: Sequence[Execution], mode: Mode, ordered: bool) -> Agreement:
    """Of answers that are there already, at the same places. `ordered`: whether the gold query orders its rows."""
    same = asked = 0
    reason = ""
    for number, (place, one, two) in enumerate(zip(places, gold, other, strict=True)):
        if number and isinstance(one, NotExecuted):
            continue
        asked += 1
        if isinstance(one, NotExecuted) or (isinstance(two, NotExecuted) and two.is_no_fault):
            return Agreement(same, asked, f"{place}: {_difference(one, two)}", failed=True)
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
