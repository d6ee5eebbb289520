"""Levels of complexity with stated criteria: told to the model that writes a query, and checked on the query that it wrote."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from operators.text2sql.components import Components, components

Complexity: TypeAlias = Literal["simple", "moderate", "complex", "highly complex"]
LEVELS: Final[tuple[Complexity, ...]] = ("simple", "moderate", "complex", "highly complex")

CRITERIA: Final[dict[Complexity, str]] = {
    "simple": "reads one table, with conditions, an aggregate over all rows, ORDER BY, LIMIT; no JOIN, GROUP BY, CASE, subquery, CTE, set operation",
    "moderate": "joins two or three tables, or groups rows with GROUP BY; no HAVING, CASE, subquery, CTE, window or set operation",
    "complex": "has a subquery, a CTE, a set operation, HAVING, CASE, or joins four tables or more; no window, recursive CTE or correlated subquery",
    "highly complex": "has a window function, a recursive CTE or a correlated subquery, or at least four of: JOIN, GROUP BY, HAVING, CASE, subquery, "
    "CTE, set operation",
}
"""As a sentence after "a query that"."""


def complexity(sql: str, dialect: str = "sqlite") -> Complexity:
    """The one level whose criteria a query meets. Raises NotSQL.

    >>> complexity("SELECT name FROM singer WHERE age > 30"), complexity("SELECT age, count(*) FROM singer GROUP BY age")
    ('simple', 'moderate')
    """
    return complexity_of(components(sql, dialect))


def complexity_of(found: Components) -> Complexity:
    parts = (found.joins > 0, found.group_by, found.having, found.cases > 0, found.subqueries > 0, found.ctes > 0, found.set_operations > 0)
    if found.windows or found.recursive or found.correlated or sum(parts) >= 4:
        return "highly complex"
    if found.subqueries or found.ctes or found.set_operations or found.having or found.cases or found.joins >= 3:
        return "complex"
    return "moderate" if found.joins or found.group_by else "simple"
