"""Whether a query makes sense by its look: what nobody would ask for, though it runs."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from operators.databases.schema import Column, Schema, Table
from operators.text2sql.sampling.roles import role_of
from operators.text2sql.trees import NotSQL, query_tree

_COMPUTED: Final = (exp.Sum, exp.Avg)


def nonsense(sql: str, schema: Schema) -> str:
    """What is wrong with a query, in words that its writer can use; "" where nothing is seen.

    Seen are names that are not there, sums and averages of ids and codes, tables that are not joined along a key, and conditions that hold always.
    """
    try:
        tree = query_tree(sql, schema.dialect)
    except NotSQL as error:
        return str(error)
    made = {cte.alias.lower() for cte in tree.find_all(exp.CTE)} | {one.alias.lower() for one in tree.find_all(exp.Subquery) if one.alias}
    known = {table.name.lower(): table for table in schema.tables}
    for node in tree.find_all(exp.Table):
        if node.name.lower() not in known and node.name.lower() not in made:
            return f"there is no table {node.name}"
    for select in tree.find_all(exp.Select):
        if fault := _of_select(select, known):
            return fault
    return ""


def _of_select(select: exp.Select, known: dict[str, Table]) -> str:
    sources = {node.alias_or_name.lower(): node for node in _sources(select)}
    tables = {alias: known[node.name.lower()] for alias, node in sources.items() if isinstance(node, exp.Table) and node.name.lower() in known}
    for node in select.find_all(*_COMPUTED):
        inner = node.this
        if isinstance(inner, exp.Column) and (column := _column(inner, tables)) is not None and role_of(*column) == "key":
            return f"{node.sql()} computes with an id, which means nothing"
    for condition in select.find_all(exp.EQ):
        if isinstance(condition.this, exp.Literal) and isinstance(condition.expression, exp.Literal):
            return f"{condition.sql()} says nothing"
    return _unjoined(select, sources)


def _sources(select: exp.Select) -> list[exp.Expr]:
    first = select.args.get("from_") or select.args.get("from")
    joins = select.args.get("joins") or []
    return [*([first.this] if first is not None else []), *(join.this for join in joins)]


def _column(node: exp.Column, tables: dict[str, Table]) -> tuple[Column, Table] | None:
    candidates = [tables[node.table.lower()]] if node.table.lower() in tables else list(tables.values()) if not node.table else []
    for table in candidates:
        for column in table.columns:
            if column.name.lower() == node.name.lower():
                return column, table
    return None


def _unjoined(select: exp.Select, sources: dict[str, exp.Expr]) -> str:
    """Tables that nothing connects: each row of one beside each row of another."""
    if len(sources) < 2:
        return ""
    near: dict[str, set[str]] = {alias: set() for alias in sources}
    for condition in select.find_all(exp.EQ):
        one, other = condition.this, condition.expression
        if isinstance(one, exp.Column) and isinstance(other, exp.Column):
            ends = one.table.lower(), other.table.lower()
            if "" in ends:  # names without a table may be of any
                return ""
            if ends[0] in near and ends[1] in near:
                near[ends[0]].add(ends[1])
                near[ends[1]].add(ends[0])
    if any(join.args.get("using") or join.args.get("method") for join in select.args.get("joins") or []):
        return ""
    reached, waiting = set[str](), [next(iter(near))]
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached.add(at)
            waiting += near[at]
    alone = sorted(set(near) - reached)
    if not alone or any(_has_one_row(sources[alias]) for alias in alone):
        return ""
    return f"{alone[0]} is not joined to the other tables: say ON which columns"


def _has_one_row(source: exp.Expr) -> bool:
    """An aggregate without groups, beside each row of a table: that is no missing condition."""
    inner = source.this if isinstance(source, exp.Subquery) else None
    return not isinstance(source, exp.Table) and isinstance(inner, exp.Select) and not inner.args.get("group")
