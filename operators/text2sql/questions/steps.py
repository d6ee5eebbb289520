"""How a query comes to its answer, step by step in plain English, by rules: each step says what the query says."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from operators.text2sql.questions.rendering import clause_in_words, condition_in_words, order_in_words, query_in_words
from operators.text2sql.sampling.words import listed
from operators.text2sql.trees import query_tree

_SET: Final[dict[type[exp.Expr], str]] = {
    exp.Union: "The answer has what either of the two gives.",
    exp.Except: "The answer has what the first gives and the second does not.",
    exp.Intersect: "The answer has what both give.",
}


def steps_of(sql: str, dialect: str = "sqlite") -> list[str]:
    """A sentence for each step. Raises NotSQL.

    >>> for step in steps_of("SELECT city, COUNT(*) FROM customer WHERE age > 30 GROUP BY city ORDER BY COUNT(*) DESC LIMIT 3"):
    ...     print(step)
    The question asks for the city and number of rows.
    That is read from customer.
    Only rows count where age is greater than 30.
    The rows are grouped by city.
    They are in the order of the number of rows from the highest, and the first 3 are kept.
    """
    tree = query_tree(sql, dialect)
    named = [f"First, {cte.alias} is worked out: {query_in_words(cte.this)}." for cte in _ctes(tree)]
    if isinstance(tree, exp.SetOperation):
        parts = [f"One query: {query_in_words(tree.this)}.", f"The other: {query_in_words(tree.expression)}."]
        return [*named, *parts, _SET.get(type(tree), "The two are put together."), *_order(tree)]
    if not isinstance(tree, exp.Select):
        return [*named, f"The query is to {query_in_words(tree)}."]
    return [*named, *_of_select(tree)]


def _of_select(tree: exp.Select) -> list[str]:
    shown = listed([clause_in_words(item) for item in tree.expressions])
    steps = [f"The question asks for the {'different ' if tree.args.get('distinct') else ''}{shown}."]
    if sources := _sources(tree):
        steps.append(f"That is read from {listed(list(map(_named, sources)))}.")
    for join in tree.args.get("joins") or []:
        on = join.args.get("on")
        if on is not None:
            kept = ", also where there is none" if join.side else ""
            steps.append(f"{_named(join.this)} is joined where {on.sql()}{kept}.")
    where, group, having = (tree.args.get(name) for name in ("where", "group", "having"))
    steps += [f"Only rows count where {condition_in_words(where.this)}."] if where is not None else []
    steps += [f"The rows are grouped by {listed([clause_in_words(one) for one in group.expressions])}."] if group is not None else []
    steps += [f"Of these groups those stay where {condition_in_words(having.this)}."] if having is not None else []
    return [*steps, *_order(tree)]


def _order(tree: exp.Expr) -> list[str]:
    order, limit = tree.args.get("order"), tree.args.get("limit")
    kept = f"the first {limit.expression.sql()} {'is' if limit.expression.sql() == '1' else 'are'} kept" if limit is not None else ""
    if order is None:
        return [f"Of them {kept}."] if kept else []
    return [f"They are in the order of the {order_in_words(order)}{', and ' + kept if kept else ''}."]


def _sources(tree: exp.Select) -> list[exp.Expr]:
    first = tree.args.get("from_") or tree.args.get("from")
    return [*([first.this] if first is not None else []), *(join.this for join in tree.args.get("joins") or [])]


def _named(source: exp.Expr) -> str:
    """The table as the query names it: "track AS T1"; a query in its place as such."""
    if isinstance(source, exp.Table):
        return f"{source.name} ({source.alias})" if source.alias else source.name
    return f"a query of its own ({source.alias})" if source.alias else "a query of its own"


def _ctes(tree: exp.Expr) -> list[exp.Expr]:
    clause = tree.args.get("with_") or tree.args.get("with")
    return list(clause.expressions) if clause is not None else []
