"""Near misses of a query: each is the query with one small mistake that a person or a model would make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Final, TypeAlias

from sqlglot import exp

from operators.text2sql.hardness import AGGREGATES
from operators.text2sql.trees import own_nodes, query_tree

Change: TypeAlias = Callable[[exp.Expr], Iterator[exp.Expr]]
"""What may stand in the place of a node."""

_BOUNDED: Final = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ, exp.Between, exp.In, exp.Limit, exp.Fetch)
_Others: TypeAlias = dict[type[exp.Expr], tuple[type[exp.Expr], ...]]
_COMPARISONS: Final[_Others] = {exp.GT: (exp.GTE, exp.LT), exp.GTE: (exp.GT, exp.LTE), exp.LT: (exp.LTE, exp.GT), exp.LTE: (exp.LT, exp.GTE)}
_AGGREGATES: Final[_Others] = {exp.Sum: (exp.Avg, exp.Max), exp.Avg: (exp.Sum, exp.Max), exp.Max: (exp.Min, exp.Avg), exp.Min: (exp.Max, exp.Avg)}
_SET_OPERATIONS: Final[_Others] = {exp.Union: (exp.Intersect,), exp.Intersect: (exp.Union, exp.Except), exp.Except: (exp.Intersect, exp.Union)}


def mutants(sql: str, dialect: str = "sqlite", most: int | None = None) -> list[str]:
    """Different queries, each one mistake away; none of them is the query itself. Some may mean the same. Raises NotSQL.

    >>> mutants("SELECT name FROM t WHERE age > 3")[:2]
    ['SELECT DISTINCT name FROM t WHERE age > 3', 'SELECT name FROM t']
    """
    tree = query_tree(sql, dialect)
    original = tree.sql(dialect=dialect)
    found: dict[str, None] = {}
    for place in range(sum(1 for _ in tree.walk())):
        for change in _CHANGES:
            for index in count():
                if (text := _changed(tree, place, change, index, dialect)) is None:
                    break
                if text != original:
                    found[text] = None
    return list(found)[:most]


def _changed(tree: exp.Query, place: int, change: Change, index: int, dialect: str) -> str | None:
    """The text after the change number `index` of the node number `place`; None where there are fewer."""
    copy = tree.copy()
    node = next(node for number, node in enumerate(copy.walk()) if number == place)
    replacement = next((new for number, new in enumerate(change(node)) if number == index), None)
    if replacement is None:
        return None
    if replacement is not node:
        if node is copy:
            return str(replacement.sql(dialect=dialect))
        node.replace(replacement)
    return str(copy.sql(dialect=dialect))


def _distinct(node: exp.Expr) -> Iterator[exp.Expr]:
    """Not where it makes no difference: of one row, in a condition, of groups."""
    if isinstance(node, exp.Select) and not node.args.get("group") and not _is_one_row(node) and not _is_in_condition(node):
        node.set("distinct", None if node.args.get("distinct") else exp.Distinct())
        yield node


def _is_one_row(select: exp.Select) -> bool:
    return any(isinstance(node, AGGREGATES) and not isinstance(node.parent, exp.Window) for item in select.expressions for node in own_nodes(item))


def _is_in_condition(select: exp.Select) -> bool:
    return select.find_ancestor(exp.Predicate, exp.In, exp.Exists, exp.Binary) is not None


def _without_condition(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Select):
        for clause in ("where", "having"):
            if node.args.get(clause) is not None:
                changed = node.copy()
                changed.set(clause, None)
                yield changed


def _one_of_two_conditions(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.And | exp.Or):
        yield node.this.copy()
        yield node.expression.copy()
        yield (exp.Or if isinstance(node, exp.And) else exp.And)(this=node.this.copy(), expression=node.expression.copy())


def _comparison(node: exp.Expr) -> Iterator[exp.Expr]:
    for other in _COMPARISONS.get(type(node), ()):
        yield other(this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Literal):
        yield exp.NEQ(this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, exp.NEQ):
        yield exp.EQ(this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, exp.Between):
        yield exp.And(
            this=exp.GT(this=node.this.copy(), expression=node.args["low"].copy()),
            expression=exp.LT(this=node.this.copy(), expression=node.args["high"].copy()),
        )


def _bound(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Literal) and not node.is_string and isinstance(node.parent, _BOUNDED):
        yield exp.Literal.number(str(int(node.name) + 1) if node.name.isdigit() else str(float(node.name) + 1))


def _aggregate(node: exp.Expr) -> Iterator[exp.Expr]:
    for other in _AGGREGATES.get(type(node), ()):
        yield other(this=node.this.copy())
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        yield exp.Count(this=node.this.expressions[0].copy())
    elif isinstance(node, exp.Count) and isinstance(node.this, exp.Column):
        yield exp.Count(this=exp.Star())
        yield exp.Count(this=exp.Distinct(expressions=[node.this.copy()]))


def _order(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Ordered):
        yield exp.Ordered(this=node.this.copy(), desc=not node.args.get("desc"), nulls_first=bool(node.args.get("desc")))


def _join(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Join) and node.args.get("on") is not None:
        changed = node.copy()
        changed.set("side", None if node.args.get("side") else "LEFT")
        changed.set("kind", None)
        yield changed


def _set_operation(node: exp.Expr) -> Iterator[exp.Expr]:
    for other in _SET_OPERATIONS.get(type(node), ()):
        parts = {name: value.copy() if isinstance(value, exp.Expr) else value for name, value in node.args.items() if value is not None}
        yield other(**{**parts, "distinct": True})
    if type(node) is exp.Union:
        changed = node.copy()
        changed.set("distinct", not node.args.get("distinct"))
        yield changed


def _negation(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Not):
        yield node.this.copy()
    elif isinstance(node, exp.Is | exp.In | exp.Exists | exp.Like) and not isinstance(node.parent, exp.Not):
        yield exp.Not(this=node.copy())


def _pattern(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Like) and isinstance(node.expression, exp.Literal):
        plain = node.expression.name.strip("%")
        for pattern in (f"{plain}%", f"%{plain}", f"%{plain}%", plain):
            if pattern != node.expression.name:
                yield exp.Like(this=node.this.copy(), expression=exp.Literal.string(pattern))


def _fewer_groups(node: exp.Expr) -> Iterator[exp.Expr]:
    """Without a column that is not shown. One that is shown often follows from the others, a name from a key: leaving that out changes nothing."""
    if isinstance(node, exp.Group) and len(node.expressions) > 1 and isinstance(node.parent, exp.Select):
        shown = {item.sql() for item in node.parent.expressions}
        for left_out in node.expressions:
            if left_out.sql() not in shown:
                yield exp.Group(expressions=[one.copy() for one in node.expressions if one is not left_out])


_CHANGES: Final[tuple[Change, ...]] = (
    *(_distinct, _without_condition, _one_of_two_conditions, _comparison, _bound, _aggregate, _order, _join, _set_operation, _negation, _pattern),
    _fewer_groups,
)
