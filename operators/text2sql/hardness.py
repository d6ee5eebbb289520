"""How hard a query is, by the rules of Spider's official evaluation, told from the syntax tree.

Where the official script can parse a query, the result is the same, with its peculiarities: the right side of a set operation and subqueries in FROM
do not count; a NOT before LIKE, IN or BETWEEN counts like an aggregate, and so does each AND or OR of HAVING. What that script cannot parse counts by
the same idea: a CTE and a subquery in SELECT or EXISTS as a nested query, a window as two clauses, CASE as one.

Source: Yu et al. 2018, Spider, evaluation.py (count_component1, count_component2, count_others, eval_hardness).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sqlglot import exp

from operators.text2sql.trees import conditions, first_select, own_nodes, query_tree

Hardness: TypeAlias = Literal["easy", "medium", "hard", "extra"]
LEVELS: Final[tuple[Hardness, ...]] = ("easy", "medium", "hard", "extra")
AGGREGATES: Final = (exp.Max, exp.Min, exp.Count, exp.Sum, exp.Avg)
_LIKE: Final = (exp.Like, exp.ILike)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the rules count."""

    clauses: int
    """WHERE, GROUP BY, ORDER BY, LIMIT, further tables, OR, LIKE ("component 1")."""
    nested: int
    """Queries in conditions, and a set operation ("component 2")."""
    others: int
    """More than one aggregate, selected column, condition, grouping column: one for each of these four."""


def hardness(sql: str, dialect: str = "sqlite") -> Hardness:
    """Raises NotSQL.

    >>> hardness("SELECT count(*) FROM singer"), hardness("SELECT name, age FROM singer WHERE age > 30 ORDER BY age")
    ('easy', 'medium')
    """
    return hardness_of(counts_of(query_tree(sql, dialect)))


def hardness_of(counts: Counts) -> Hardness:
    clauses, nested, others = counts.clauses, counts.nested, counts.others
    if clauses <= 1 and others == 0 and nested == 0:
        return "easy"
    if nested == 0 and ((others <= 2 and clauses <= 1) or (clauses <= 2 and others < 2)):
        return "medium"
    if nested == 0 and ((others > 2 and clauses <= 2) or (2 < clauses <= 3 and others <= 2)):
        return "hard"
    if clauses <= 1 and others == 0 and nested <= 1:
        return "hard"
    return "extra"


def counts_of(tree: exp.Query) -> Counts:
    select = first_select(tree)
    if select is None:
        return Counts(0, 0, 0)
    where, _, where_ors = conditions(select.args.get("where"))
    having, having_ands, having_ors = conditions(select.args.get("having"))
    joins = select.args.get("joins") or []
    joined = [conditions(join.args.get("on")) for join in joins]
    every = [*where, *having, *(leaf for leaves, _, _ in joined for leaf in leaves)]
    group, order = select.args.get("group"), select.args.get("order")
    windows = sum(isinstance(node, exp.Window) for node in own_nodes(select))
    cases = sum(isinstance(node, exp.Case) for node in own_nodes(select))
    clauses = sum(1 for clause in (select.args.get("where"), group, order, select.args.get("limit")) if clause is not None)
    clauses += len(joins) + where_ors + having_ors + sum(ors for _, _, ors in joined)
    clauses += sum(isinstance(_without_not(leaf), _LIKE) for leaf in every) + 2 * windows + cases
    nested = sum(_queries_in(leaf) for leaf in every) + int(isinstance(_unwrapped(tree), exp.SetOperation))
    nested += sum(_queries_in(item) for item in select.expressions) + len(_common_tables(tree))
    aggregates = sum(map(_has_aggregate, select.expressions)) + sum(map(_is_negated, where)) + sum(map(_is_negated, having))
    aggregates += having_ands + having_ors + sum(_aggregates_in(item) for item in (order.expressions if order else []))
    grouped = len(group.expressions) if group else 0
    others = sum(count > 1 for count in (aggregates, len(select.expressions), len(where), grouped))
    return Counts(clauses, nested, others)


def _common_tables(tree: exp.Query) -> list[exp.Expr]:
    """The CTEs of a query, however deep its set operations."""
    found: list[exp.Expr] = []
    for node in (tree, first_select(tree)):
        clause = node.args.get("with_") if node is not None else None
        if clause is not None and clause.expressions and clause.expressions[0] not in found:
            found += clause.expressions
    return found


def _unwrapped(tree: exp.Expr) -> exp.Expr:
    while isinstance(tree, exp.Subquery | exp.Paren):
        tree = tree.this
    return tree


def _without_not(leaf: exp.Expr) -> exp.Expr:
    while isinstance(leaf, exp.Not | exp.Paren):
        leaf = leaf.this
    return leaf


def _is_negated(leaf: exp.Expr) -> bool:
    return isinstance(leaf, exp.Not) and not isinstance(_without_not(leaf), exp.Is)


def _queries_in(leaf: exp.Expr) -> int:
    """The queries directly inside, not those inside of them."""
    if isinstance(leaf, exp.Query):
        return 1
    return sum(isinstance(node, exp.Query) for node in own_nodes(leaf))


def _has_aggregate(item: exp.Expr) -> bool:
    return any(isinstance(node, AGGREGATES) and not isinstance(node.parent, exp.Window) for node in own_nodes(item))


def _aggregates_in(item: exp.Expr) -> int:
    return sum(isinstance(node, AGGREGATES) and not isinstance(node.parent, exp.Window) for node in own_nodes(item))
