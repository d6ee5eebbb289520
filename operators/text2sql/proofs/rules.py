"""Rules under which a query becomes another one with the same answer. Two queries that become the same text mean the same.

Source: the rules are those of query optimisers: outer join simplification (Galindo-Legaria, Rosenthal 1997), removal of superfluous DISTINCT and of
dependent grouping columns (Paulley, Larson 1994).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from operators.databases.schema import Schema
from operators.text2sql.proofs.null_rejecting import rejects_null
from operators.text2sql.proofs.scope import Scope, grouped_rows_differ, is_aggregate, joined_by_and, keys_of, scope_of
from operators.text2sql.trees import NotSQL, query_tree


def mean_the_same(one: str, other: str, schema: Schema) -> bool:
    """Whether both provably have the same rows, whatever the tables hold that keeps the declared keys and NOT NULL. False says nothing.

    Keys that are only inferred prove nothing. The names of columns do not count.
    """
    try:
        return plain_form(one, schema) == plain_form(other, schema)
    except NotSQL:
        return False


def plain_form(sql: str, schema: Schema) -> str:
    """The query after all rules. Raises NotSQL."""
    tree = query_tree(sql, schema.dialect).copy()
    for select in reversed(list(tree.find_all(exp.Select))):  # the inner ones first
        _no_needless_distinct_in_set_operations(select)
        scope = scope_of(select, schema)
        if scope is not None:
            for rule in _RULES:
                rule(select, scope, schema)
    return str(tree.sql(dialect=schema.dialect))


def _inner_instead_of_left(select: exp.Select, scope: Scope, schema: Schema) -> None:
    """A LEFT JOIN whose unmatched rows a condition drops; or that has none, for by a declared key that is not null each row has its partner."""
    joins = select.args.get("joins") or []
    for number in reversed(range(len(joins))):
        join = joins[number]
        if join.side != "LEFT" or join.args.get("on") is None:
            continue
        alias = join.this.alias_or_name.lower()

        def of_join(column: exp.Expr, alias: str = alias) -> bool:
            place = scope.place(column)
            return place is not None and place[0] == alias

        where = select.args.get("where")
        later = [one.args["on"] for one in joins[number + 1 :] if not one.side and one.args.get("on") is not None]
        conditions = [*([where.this] if where is not None else []), *later]
        if any(rejects_null(condition, of_join) for condition in conditions) or _each_has_its_partner(join, scope, joins[:number]):
            join.set("side", None)


def _each_has_its_partner(join: exp.Join, scope: Scope, before: list[exp.Join]) -> bool:
    alias = join.this.alias_or_name.lower()
    target = scope.sources[alias].table
    pairs = {}
    for leaf in joined_by_and(join.args["on"]):
        places = [scope.place(leaf.this), scope.place(leaf.expression)] if isinstance(leaf, exp.EQ) else []
        ends = [place for place in places if place is not None]
        if len(ends) != 2 or (ends[0][0] == alias) == (ends[1][0] == alias):
            return False
        there, here = sorted(ends, key=lambda place: place[0] != alias)
        pairs[here] = there[1]
    owners = {owner for owner, _ in pairs}
    if target is None or len(owners) != 1:
        return False
    owner = next(iter(owners))
    table = scope.sources[owner].table
    if table is None or any(one.side and one.this.alias_or_name.lower() == owner for one in before):
        return False
    names = {here[1]: there for here, there in pairs.items()}
    never_null = {name.lower() for name in table.primary_key.columns} if table.primary_key and not table.primary_key.inferred else set()
    if any(table.column(name).nullable and name not in never_null for name in names):
        return False
    return any(
        not key.inferred
        and key.other_table.lower() == target.name.lower()
        and {name.lower(): other.lower() for name, other in zip(key.columns, key.other_columns, strict=True)} == names
        for key in table.foreign_keys
    )


def _groups_that_decide(select: exp.Select, scope: Scope, schema: Schema) -> None:
    """A column of GROUP BY that follows from the others is left out; if all are constant, a constant stands for them."""
    group = select.args.get("group")
    if group is None or not group.expressions or any(value for name, value in group.args.items() if name != "expressions"):
        return
    constant = scope.closure(set())
    left = [item for item in group.expressions if scope.place(item) not in constant]
    for item in list(left):
        others = {place for one in left if one is not item and (place := scope.place(one)) is not None}
        place = scope.place(item)
        if place is not None and place in scope.closure(others):
            left = [one for one in left if one is not item]
    group.set("expressions", [item.copy() for item in left] or [exp.Literal.string("one group")])


def _having_that_selects(select: exp.Select, scope: Scope, schema: Schema) -> None:
    """Every group has a row: HAVING COUNT(*) >= 1 selects nothing."""
    having = select.args.get("having")
    if having is None or select.args.get("group") is None or not isinstance(having.this, exp.GTE | exp.GT):
        return
    counted, least = having.this.this, having.this.expression
    of_all = isinstance(counted, exp.Count) and isinstance(counted.this, exp.Star)
    if of_all and isinstance(least, exp.Literal) and least.name == ("1" if isinstance(having.this, exp.GTE) else "0"):
        select.set("having", None)


def _no_needless_distinct(select: exp.Select, scope: Scope, schema: Schema) -> None:
    """Where no two rows are the same."""
    distinct = select.args.get("distinct")
    if distinct is None or distinct.args.get("on") is not None or select.is_star:
        return
    shown = [item.unalias() for item in select.expressions]
    group = select.args.get("group")
    if group is not None:
        differ = grouped_rows_differ(scope, shown)
    else:
        differ = any(is_aggregate(item) for item in shown) or any(True for _ in keys_of(select, schema))
    if differ:
        select.set("distinct", None)


def _no_needless_distinct_in_set_operations(select: exp.Select) -> None:
    """UNION, INTERSECT and EXCEPT drop what occurs twice, in each of their parts and between them."""
    parent = select.parent
    if isinstance(parent, exp.SetOperation) and parent.args.get("distinct") and not select.args.get("limit") and not _has_on(select):
        select.set("distinct", None)


def _has_on(select: exp.Select) -> bool:
    distinct = select.args.get("distinct")
    return distinct is not None and distinct.args.get("on") is not None


_RULES: Final[tuple[Callable[[exp.Select, Scope, Schema], None], ...]] = (
    _inner_instead_of_left,
    _no_needless_distinct,
    _groups_that_decide,
    _having_that_selects,
)
