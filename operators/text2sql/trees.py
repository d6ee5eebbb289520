"""SQL as syntax trees: reading them, and walking one query without the queries inside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.Glob)
MOST_CHARACTERS = 20_000
"""Of a query; none that people write is longer, and parsing takes a second for 300,000."""


class NotSQL(ValueError):
    """A text is not one query. The message says why."""


@lru_cache(maxsize=2048)
def query_tree(sql: str, dialect: str = "sqlite") -> exp.Query:
    """The tree of one query. It is shared: copy it before changing it.

    SQLite takes "France" for a text where no column has that name, and so do people who write for it: such texts are literals of the tree.

    Raises:
        NotSQL: the text is not a query, or more than one.
    """
    if len(sql) > MOST_CHARACTERS:
        raise NotSQL(f"it has more than {MOST_CHARACTERS:,} characters")
    try:
        statements = [statement for statement in sqlglot.parse(sql, read=dialect) if statement is not None]
    except (SqlglotError, ValueError, RecursionError) as error:
        raise NotSQL(f"it is no {dialect} query: {first_line_of(error)}") from None
    statements = [statement for statement in statements if not isinstance(statement, exp.Semicolon)]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise NotSQL("it is not one query")
    if dialect == "sqlite":
        _make_texts_of_double_quotes(statements[0], sql)
    return statements[0]


def _make_texts_of_double_quotes(tree: exp.Query, sql: str) -> None:
    """Where all that stands in double quotes is compared with: whoever writes names so writes texts in single quotes."""
    quoted = [
        node
        for node in tree.find_all(exp.Identifier)
        if (start := node.meta.get("start")) is not None and sql[start] == '"' and not isinstance(node.parent, exp.Alias | exp.TableAlias)
    ]
    places = {id(node) for node in quoted}
    names = {column.name.lower() for column in tree.find_all(exp.Column) if id(column.this) not in places}
    if all(isinstance(node.parent, exp.Column) and _is_compared_with(node.parent) and node.name.lower() not in names for node in quoted):
        for node in quoted:
            assert node.parent is not None
            node.parent.replace(exp.Literal.string(node.name))


def _is_compared_with(node: exp.Column) -> bool:
    parent = node.parent
    if node.table:
        return False
    if isinstance(parent, exp.In):
        return node.arg_key == "expressions"
    if isinstance(parent, exp.Between):
        return node.arg_key in ("low", "high")
    return isinstance(parent, _COMPARISONS) and node.arg_key == "expression"


def first_line_of(error: BaseException) -> str:
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return line.replace("\x1b[4m", "").replace("\x1b[0m", "")[:200]


def own_nodes(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of a query or a clause, without those of queries inside it; such a query itself is given."""
    yield from tree.walk(prune=lambda node: node is not tree and isinstance(node, exp.Query))


def first_select(tree: exp.Query) -> exp.Select | None:
    """The leftmost SELECT of a set operation; None for VALUES alone."""
    node: exp.Expr | None = tree
    while isinstance(node, exp.SetOperation | exp.Subquery | exp.Paren):
        node = node.this
    return node if isinstance(node, exp.Select) else None


def conditions(clause: exp.Expr | None) -> tuple[list[exp.Expr], int, int]:
    """The single conditions of WHERE, HAVING or ON, with how many AND and how many OR join them."""
    leaves: list[exp.Expr] = []
    ands = ors = 0
    waiting = [clause.this if isinstance(clause, exp.Where | exp.Having) else clause] if clause is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Paren):
            waiting.append(node.this)
        elif isinstance(node, exp.Connector):
            ands, ors = ands + isinstance(node, exp.And), ors + isinstance(node, exp.Or)
            waiting += [node.expression, node.this]
        elif node is not None:
            leaves.append(node)
    return leaves, ands, ors
