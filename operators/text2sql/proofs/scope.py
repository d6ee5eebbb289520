"""Where the columns of one SELECT come from, and which of them are decided by which others (functional dependencies)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from operators.databases.schema import Dialect, Schema, Table

Place: TypeAlias = tuple[str, str]
"""The name of a source in the query, and of a column of it; in lower case."""


@dataclass(frozen=True, slots=True)
class Source:
    """What FROM and JOIN read."""

    columns: frozenset[str]
    keys: tuple[frozenset[str], ...]
    """Sets of columns of which no two rows have the same values."""
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """One SELECT."""

    select: exp.Select
    sources: Mapping[str, Source]
    dialect: Dialect

    def place(self, column: exp.Expr) -> Place | None:
        """None for what is no column, or one of no known source, or of more than one."""
        if not isinstance(column, exp.Column) or isinstance(column.this, exp.Star):
            return None
        name = column.name.lower()
        if column.table:
            source = self.sources.get(column.table.lower())
            return (column.table.lower(), name) if source and name in source.columns else None
        found = [alias for alias, source in self.sources.items() if name in source.columns]
        return (found[0], name) if len(found) == 1 else None

    def closure(self, start: set[Place]) -> set[Place]:
        """All columns whose values follow from those of the start."""
        rules = list(self._rules())
        known = set(start)
        while more := {place for needed, places in rules if needed <= known for place in places} - known:
            known |= more
        return known

    def _rules(self) -> Iterator[tuple[set[Place], set[Place]]]:
        for alias, source in self.sources.items():
            for key in source.keys:
                yield {(alias, name) for name in key}, {(alias, name) for name in source.columns}
        for leaf in self.certain_conditions():
            if isinstance(leaf, exp.EQ):
                one, other = self.place(leaf.this), self.place(leaf.expression)
                if one and other and self._class(one) == self._class(other):  # of two types, 1 = '1' and 1 = '1.0' hold
                    yield {one}, {other}
                    yield {other}, {one}
                elif one and isinstance(leaf.expression, exp.Literal) and self.dialect != "mysql":  # there 'a' = 'A' holds
                    yield set(), {one}

    def _class(self, place: Place) -> str:
        table = self.sources[place[0]].table
        return table.column(place[1]).type_class if table is not None else ""

    def certain_conditions(self) -> Iterator[exp.Expr]:
        """What holds of every row of the answer: the conditions of WHERE, and of inner joins, joined by AND."""
        where = self.select.args.get("where")
        if where is not None:
            yield from joined_by_and(where.this)
        for join in self.select.args.get("joins") or ():
            if not join.side and join.args.get("on") is not None:
                yield from joined_by_and(join.args["on"])

    def rows_differ_in(self, places: set[Place]) -> bool:
        """Whether no two rows before GROUP BY have the same values of these columns."""
        known = self.closure(places)
        keys = [[{(alias, name) for name in key} for key in source.keys] for alias, source in self.sources.items()]
        return bool(keys) and all(any(key <= known for key in of_source) for of_source in keys)


def joined_by_and(condition: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.Paren):
        yield from joined_by_and(condition.this)
    elif isinstance(condition, exp.And):
        yield from joined_by_and(condition.this)
        yield from joined_by_and(condition.expression)
    else:
        yield condition


def scope_of(select: exp.Select, schema: Schema) -> Scope | None:
    """None where a source is not known: a table that is not in the schema, a function."""
    sources = {}
    for item in _read(select):
        source = _source(item, select, schema)
        if source is None or not item.alias_or_name or item.alias_or_name.lower() in sources:
            return None
        sources[item.alias_or_name.lower()] = source
    return Scope(select, sources, schema.dialect)


def _read(select: exp.Select) -> Iterator[exp.Expr]:
    if select.args.get("from_") is not None:
        yield select.args["from_"].this
    for join in select.args.get("joins") or ():
        yield join.this


def _source(item: exp.Expr, select: exp.Select, schema: Schema) -> Source | None:
    if isinstance(item, exp.Subquery):
        return _made_by(item.this, schema)
    if not isinstance(item, exp.Table) or item.args.get("joins"):
        return None
    if (common := _common_table(item.name, select)) is not None:
        return _made_by(common.this, schema)
    try:
        table = schema.table(item.name)
    except KeyError:
        return None
    key = table.primary_key
    keys = (frozenset(name.lower() for name in key.columns),) if key is not None and not key.inferred else ()
    return Source(frozenset(column.name.lower() for column in table.columns), keys, table)


def _common_table(name: str, node: exp.Expr) -> exp.CTE | None:
    """The nearest WITH that has this name."""
    at: exp.Expr | None = node
    while at is not None:
        clause = at.args.get("with_")
        if isinstance(clause, exp.With) and not clause.args.get("recursive"):
            for one in clause.expressions:
                if one.alias.lower() == name.lower() and one is not node.find_ancestor(exp.CTE):
                    return one if isinstance(one, exp.CTE) else None
        at = at.parent
    return None


def _made_by(query: exp.Expr, schema: Schema) -> Source | None:
    if not isinstance(query, exp.Select) or query.is_star:
        return None
    names = [item.alias_or_name.lower() for item in query.expressions]
    if "" in names or len(set(names)) < len(names):
        return None
    return Source(frozenset(names), tuple(keys_of(query, schema)))


def keys_of(select: exp.Select, schema: Schema) -> Iterator[frozenset[str]]:
    """Sets of the columns of an answer of which no two rows, before DISTINCT, have the same values."""
    scope = scope_of(select, schema)
    if scope is None or select.is_star:
        return
    shown = {item.alias_or_name.lower(): item.unalias() for item in select.expressions}
    groups = select.args.get("group")
    if groups is not None and groups.expressions:
        if grouped_rows_differ(scope, list(shown.values())):
            yield frozenset(name for name, item in shown.items() if not item.find(exp.AggFunc, exp.Window))
    elif any(is_aggregate(item) for item in shown.values()):
        yield frozenset()
    else:
        places = {name: place for name, item in shown.items() if (place := scope.place(item)) is not None}
        if scope.rows_differ_in(set(places.values())):
            yield frozenset(places)
        for number, parts in _numbered(list(shown.values())):
            if all(scope.place(part) in places.values() for part in parts):
                within = [name for name, place in places.items() if place in [scope.place(part) for part in parts]]
                yield frozenset([*within, list(shown)[number]])


def grouped_rows_differ(scope: Scope, shown: Sequence[exp.Expr]) -> bool:
    """Whether the shown columns tell every group from every other."""
    groups = scope.select.args["group"].expressions
    texts = {item.sql() for item in shown}
    known = scope.closure({place for item in shown if (place := scope.place(item)) is not None})
    return all(group.sql() in texts or scope.place(group) in known for group in groups)


def is_aggregate(item: exp.Expr) -> bool:
    """Whether it makes one row of all, as SUM(x) does; SUM(x) OVER (...) does not."""
    own = item.find_ancestor(exp.Query)
    return any(not isinstance(node.parent, exp.Window) and node.find_ancestor(exp.Query) is own for node in item.find_all(exp.AggFunc))


def _numbered(shown: Sequence[exp.Expr]) -> Iterator[tuple[int, list[exp.Expr]]]:
    """Place of each ROW_NUMBER() among the columns, with what it is partitioned by."""
    for number, item in enumerate(shown):
        if isinstance(item, exp.Window) and isinstance(item.this, exp.RowNumber):
            yield number, list(item.args.get("partition_by") or ())
