"""Whether the first rows of an order are sure: where the last one that is kept ties with the next, each engine may keep another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from operators.databases.execution import Rows, Statement
from operators.databases.schema import Dialect
from operators.databases.serving import DatabaseServing
from operators.text2sql.trees import query_tree


def ties(queries: Sequence[str], database: str, databases: DatabaseServing, dialect: Dialect) -> list[bool]:
    """For each query, whether it has ORDER BY and LIMIT, and what it keeps is not sure; one further query for each of these."""
    probes = [probe(sql, dialect) for sql in queries]
    answers = databases.execute_all([Statement(database, sql) for sql, _ in filter(None, probes)])
    return [one is not None and _is_tied(next(answers), one[1]) for one in probes]


def probe(sql: str, dialect: Dialect) -> tuple[str, int] | None:
    """The query for what the rows are ordered by, of one row more, and how many rows are kept; None where nothing is cut off.

    >>> probe("SELECT name FROM track ORDER BY bytes DESC LIMIT 3", "sqlite")
    ('SELECT bytes FROM track ORDER BY bytes DESC LIMIT 4', 3)
    """
    tree = query_tree(sql, dialect)
    limit, order = tree.args.get("limit"), tree.args.get("order")
    if not isinstance(tree, exp.Select) or limit is None or order is None:
        return None
    count = int(limit.expression.name)
    asked = tree.copy()
    asked.set("expressions", [ordered.this.copy() for ordered in order.expressions])
    asked.set("limit", exp.Limit(expression=exp.Literal.number(count + 1)))
    return asked.sql(dialect=dialect), count


def _is_tied(answer: object, count: int) -> bool:
    if not isinstance(answer, Rows):
        return True
    return len(answer.rows) > count and answer.rows[count] == answer.rows[count - 1]
