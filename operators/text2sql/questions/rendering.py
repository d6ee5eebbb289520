"""A query in plain English, by rules: stiff and complete. What questions are compared with, and what a model is helped with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from operators.text2sql.sampling.words import listed, plural, words
from operators.text2sql.trees import query_tree

_AGGREGATES: Final[dict[type[exp.Expr], str]] = {exp.Sum: "total", exp.Avg: "average", exp.Max: "highest", exp.Min: "lowest"}
_COMPARED: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "is",
    exp.NEQ: "is not",
    exp.GT: "is greater than",
    exp.GTE: "is at least",
    exp.LT: "is less than",
    exp.LTE: "is at most",
    exp.Like: "is like",
    exp.ILike: "is like",
    exp.Glob: "is like",
}
_SET: Final[dict[type[exp.Expr], str]] = {exp.Union: "together with", exp.Except: "without", exp.Intersect: "that are also among"}
_COMPUTED: Final[dict[type[exp.Expr], str]] = {exp.Add: "plus", exp.Sub: "minus", exp.Mul: "times", exp.Div: "divided by", exp.DPipe: "followed by"}
_PARTS_OF_DAYS: Final = {"%Y": "year", "%m": "month", "%d": "day of the month", "%Y-%m": "month", "%w": "day of the week"}
_MOST_DEPTH: Final = 12


def in_words(sql: str, dialect: str = "sqlite") -> str:
    """What a query asks for. What there is no rule for is written as it stands. Raises NotSQL.

    >>> in_words("SELECT name, COUNT(*) FROM singer WHERE age > 30 GROUP BY name ORDER BY COUNT(*) DESC LIMIT 3")
    'Show the name and number of rows of singers, where age is greater than 30, for each name, by the number of rows from the highest, the first 3.'
    """
    text = _query(query_tree(sql, dialect), 0)
    return f"{text[0].upper()}{text[1:]}."


def query_in_words(tree: exp.Expr) -> str:
    """A query inside another, without a full stop."""
    return _query(tree, 1)


def clause_in_words(tree: exp.Expr) -> str:
    """What is selected or grouped by."""
    return _value(tree, 0)


def condition_in_words(tree: exp.Expr) -> str:
    return _condition(tree, 0)


def order_in_words(order: exp.Order) -> str:
    """ "number of rows from the highest, then name from the lowest"."""
    return listed([f"{_value(one.this, 0)} from the {'highest' if one.args.get('desc') else 'lowest'}" for one in order.expressions], "then")


def _query(tree: exp.Expr, depth: int) -> str:
    if depth > _MOST_DEPTH:
        return tree.sql()
    if isinstance(tree, exp.Subquery | exp.Paren):
        return _query(tree.this, depth)
    if isinstance(tree, exp.SetOperation):
        ends = _ends(tree, depth)
        return f"{_query(tree.this, depth + 1)}; {_SET.get(type(tree), 'with')}: {_query(tree.expression, depth + 1)}{''.join(ends)}"
    if not isinstance(tree, exp.Select):
        return tree.sql()
    ctes = [f'let "{cte.alias}" be: {_query(cte.this, depth + 1)}; ' for cte in _ctes(tree)]
    shown = listed([_value(item, depth) for item in tree.expressions]) if tree.expressions else "nothing"
    different = "each different " if tree.args.get("distinct") else "the "
    parts = [f"show {different}{shown}{_from(tree, depth)}"]
    for name, before in (("where", "where "), ("group", "for each "), ("having", "where the ")):
        clause = tree.args.get(name)
        if clause is not None:
            said = listed([_value(one, depth) for one in clause.expressions]) if name == "group" else _condition(clause.this, depth)
            parts.append(before + said)
    return "".join(ctes) + ", ".join(parts) + "".join(_ends(tree, depth))


def _ctes(tree: exp.Expr) -> Sequence[exp.Expr]:
    clause = tree.args.get("with_") or tree.args.get("with")
    return clause.expressions if clause is not None else []


def _ends(tree: exp.Expr, depth: int) -> list[str]:
    parts = []
    if (order := tree.args.get("order")) is not None:
        parts.append(f", by the {order_in_words(order)}")
    if (limit := tree.args.get("limit")) is not None:
        parts.append(f", the first {_value(limit.expression, depth) if limit.expression is not None else ''}")
    return parts


def _from(tree: exp.Select, depth: int) -> str:
    first = tree.args.get("from_") or tree.args.get("from")
    if first is None:
        return ""
    joins = tree.args.get("joins") or []
    others = [_table(join.this, depth) + (" if there are any" if join.side else "") for join in joins]
    return f" of {' with their '.join([_table(first.this, depth), *others])}"


def _table(node: exp.Expr, depth: int) -> str:
    return plural(words(node.name)) if isinstance(node, exp.Table) else f"({_query(node, depth + 1)})"


def _condition(node: exp.Expr, depth: int) -> str:
    if depth > _MOST_DEPTH:
        return node.sql()
    if isinstance(node, exp.Paren):
        return _condition(node.this, depth + 1)
    if isinstance(node, exp.And | exp.Or):
        return f"{_condition(node.this, depth + 1)} {'and' if isinstance(node, exp.And) else 'or'} {_condition(node.expression, depth + 1)}"
    if isinstance(node, exp.Not):
        return f"not ({_condition(node.this, depth + 1)})"
    if isinstance(node, exp.Like | exp.ILike) and isinstance(node.expression, exp.Literal):
        return f"{_value(node.this, depth)} {_pattern(node.expression.name)}"
    if type(node) in _COMPARED:
        return f"{_value(node.this, depth)} {_COMPARED[type(node)]} {_value(node.expression, depth)}"
    if isinstance(node, exp.Is):
        return f"{_value(node.this, depth)} is {'unknown' if isinstance(node.expression, exp.Null) else _value(node.expression, depth)}"
    if isinstance(node, exp.Between):
        return f"{_value(node.this, depth)} is between {_value(node.args['low'], depth)} and {_value(node.args['high'], depth)}"
    if isinstance(node, exp.In):
        inner = node.args.get("query")
        among = f"among: {_query(inner, depth + 1)}" if inner is not None else listed([_value(one, depth) for one in node.expressions], "or")
        return f"{_value(node.this, depth)} is {among}"
    if isinstance(node, exp.Exists):
        return f"there is one for which: {_query(node.this, depth + 1)}"
    return _value(node, depth)


def _pattern(pattern: str) -> str:
    bare = pattern.strip("%")
    if "_" in bare or "%" in bare:
        return f'is like "{pattern}"'
    kinds = {(True, True): "contains", (True, False): "ends with", (False, True): "starts with", (False, False): "is"}
    return f'{kinds[pattern.startswith("%"), pattern.endswith("%")]} "{bare}"'


def _value(node: exp.Expr, depth: int) -> str:
    if depth > _MOST_DEPTH:
        return node.sql()
    deeper = depth + 1
    match node:
        case exp.Alias():
            return _value(node.this, deeper)
        case exp.Column() | exp.Identifier():
            return words(node.name)
        case exp.Star():
            return "rows"
        case exp.Literal():
            return f'"{node.name}"' if node.is_string else node.name
        case exp.Null():
            return "unknown"
        case exp.TimeToStr() if node.text("format") in _PARTS_OF_DAYS:
            return f"{_PARTS_OF_DAYS[node.text('format')]} of the {_value(node.this, deeper)}"
        case exp.TsOrDsToTimestamp() | exp.TsOrDsToDate() | exp.Cast():
            return _value(node.this, deeper)
        case exp.Count():
            inner = node.this
            if isinstance(inner, exp.Distinct):
                return f"number of different {listed([_value(one, deeper) for one in inner.expressions])}"
            return f"number of {'rows' if isinstance(inner, exp.Star | exp.Literal) else 'known ' + _value(inner, deeper)}"
        case exp.Sum() | exp.Avg() | exp.Max() | exp.Min():
            return f"{_AGGREGATES[type(node)]} {_value(node.this, deeper)}"
        case exp.Distinct():
            return f"different {listed([_value(one, deeper) for one in node.expressions])}"
        case exp.Subquery() | exp.Select():
            return f"({_query(node, deeper)})"
        case exp.Paren():
            return _value(node.this, deeper)
        case exp.Case():
            branches = [f"{_value(one.args['true'], deeper)} if {_condition(one.this, deeper)}" for one in node.args["ifs"]]
            last = node.args.get("default")
            return "; ".join([*branches, *([f"{_value(last, deeper)} otherwise"] if last is not None else [])])
        case exp.Window():
            by = [_value(one, deeper) for one in node.args.get("partition_by") or []]
            order = node.args.get("order")
            within = f" within each {listed(by)}" if by else " over all rows"
            ordered = f" by {listed([_value(one.this, deeper) for one in order.expressions])}" if order is not None else ""
            return f"{_value(node.this, deeper)}{within}{ordered}"
        case exp.Coalesce():
            return f"{_value(node.this, deeper)}, or {listed([_value(one, deeper) for one in node.expressions], 'or')} where it is unknown"
        case exp.Binary() if type(node) in _COMPUTED:
            return f"{_value(node.this, deeper)} {_COMPUTED[type(node)]} {_value(node.expression, deeper)}"
        case exp.Connector() | exp.Predicate() | exp.Not():
            return _condition(node, deeper)
        case exp.Func():
            arguments = [_value(one, deeper) for one in node.iter_expressions()]
            name = words(node.name if isinstance(node, exp.Anonymous) else node.sql_name())
            return f"{name} of {listed(arguments)}" if arguments else name
        case _:
            return node.sql()
