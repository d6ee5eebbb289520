"""What a query is made of, as numbers and flags: for columns of a table, for histograms, and for asking for certain kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from operators.text2sql.hardness import AGGREGATES
from operators.text2sql.trees import conditions, query_tree

_DATES: Final = (exp.Date, exp.TimestampTrunc, exp.DateTrunc, exp.Extract, exp.StrToTime, exp.TimeToStr, exp.Year, exp.Month, exp.Day, exp.DateDiff)
_DATE_NAMES: Final = frozenset("date datetime julianday strftime time unixepoch timestampdiff date_part date_format age to_char dayofweek".split())


@dataclass(frozen=True, slots=True)
class Components:
    """Counted over the whole query, with all queries inside it."""

    tables: tuple[str, ...]
    """Of the database, each once, in lower case, in order."""
    columns: tuple[str, ...]
    """Names that are read, each once, in lower case, in order."""
    joins: int
    conditions: int
    """Single conditions of WHERE, HAVING and ON."""
    ors: int
    aggregates: int
    group_by: bool
    having: bool
    order_by: bool
    limit: bool
    distinct: bool
    set_operations: int
    subqueries: int
    """Queries inside others, CTEs not among them."""
    correlated: bool
    """Whether a query inside reads a table of one around it by its alias."""
    ctes: int
    recursive: bool
    windows: int
    cases: int
    null_logic: bool
    """IS NULL, COALESCE and the like."""
    dates: bool
    like: bool
    functions: tuple[str, ...]
    """Names of all functions, each once, in lower case, in order."""
    depth: int
    """Of queries inside queries; 1 for a plain one."""


def components(sql: str, dialect: str = "sqlite") -> Components:
    """Raises NotSQL."""
    tree = query_tree(sql, dialect)
    ctes = list(tree.find_all(exp.CTE))
    made = {cte.alias.lower() for cte in ctes}
    selects = list(tree.find_all(exp.Select))
    functions = [node for node in tree.find_all(exp.Func) if not isinstance(node, exp.Connector | exp.Case)]
    names = {_function_name(node) for node in functions}
    counted = [conditions(clause) for select in selects for clause in _condition_clauses(select)]
    return Components(
        tables=_in_order(node.name for node in tree.find_all(exp.Table) if node.name.lower() not in made),
        columns=_in_order(node.name for node in tree.find_all(exp.Column)),
        joins=sum(1 for _ in tree.find_all(exp.Join)),
        conditions=sum(len(leaves) for leaves, _, _ in counted),
        ors=sum(ors for _, _, ors in counted),
        aggregates=sum(isinstance(node, AGGREGATES) for node in functions),
        group_by=any(select.args.get("group") for select in selects),
        having=any(select.args.get("having") for select in selects),
        order_by=any(not isinstance(order.parent, exp.Window) for order in tree.find_all(exp.Order)),
        limit=tree.find(exp.Limit, exp.Fetch) is not None,
        distinct=any(select.args.get("distinct") for select in selects) or any(True for _ in tree.find_all(exp.Distinct)),
        set_operations=sum(1 for _ in tree.find_all(exp.SetOperation)),
        subqueries=sum(1 for select in selects if _is_inside(select)),
        correlated=any(_is_correlated(select) for select in selects),
        ctes=len(ctes),
        recursive=any(clause.args.get("recursive") for clause in tree.find_all(exp.With)),
        windows=sum(1 for _ in tree.find_all(exp.Window)),
        cases=sum(1 for _ in tree.find_all(exp.Case)),
        null_logic=any(isinstance(node.expression, exp.Null) for node in tree.find_all(exp.Is)) or tree.find(exp.Coalesce, exp.Nullif) is not None,
        dates=tree.find(*_DATES) is not None or bool(names & _DATE_NAMES),
        like=tree.find(exp.Like, exp.ILike) is not None,
        functions=tuple(sorted(names)),
        depth=max((_depth(select) for select in selects), default=1),
    )


def _condition_clauses(select: exp.Select) -> list[exp.Expr]:
    joined = [join.args.get("on") for join in select.args.get("joins") or []]
    return [clause for clause in (select.args.get("where"), select.args.get("having"), *joined) if clause is not None]


def _function_name(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _in_order(names: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name).lower() for name in names if name))  # type: ignore[attr-defined]


def _is_inside(select: exp.Select) -> bool:
    """Whether a query stands inside another one, and is neither a branch of a set operation at the top, nor the body of a CTE."""
    node: exp.Expr | None = select.parent
    while isinstance(node, exp.SetOperation | exp.Subquery | exp.Paren):
        if isinstance(node, exp.Subquery) and not isinstance(node.parent, exp.SetOperation | type(None)):
            return not isinstance(node.parent, exp.CTE)
        node = node.parent
    return node is not None and not isinstance(node, exp.CTE)


def _is_correlated(select: exp.Select) -> bool:
    own = {table.alias_or_name.lower() for table in select.find_all(exp.Table, exp.Subquery)}
    used = {column.table.lower() for column in select.find_all(exp.Column) if column.table}
    return bool(used - own) and select.parent is not None


def _depth(select: exp.Select) -> int:
    depth, node = 1, select.parent
    while node is not None:
        depth += isinstance(node, exp.Select)
        node = node.parent
    return depth
