"""What a piece of SQL says, from DuckDB's own parser: the columns and functions in it, and whether it is what it should be. Nothing is run."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from operators.generic.sql.engine import ROWS, SQLError, functions_of_kind, scalar

_CHANGING: Final = ("VOLATILE", "CONSISTENT_WITHIN_QUERY")
_UNNESTING: Final = frozenset({"unnest", "unlist", "generate_subscripts"})


@dataclass(frozen=True, slots=True)
class Said:
    """What was found in a statement or an expression."""

    columns: tuple[str, ...]
    """Names of columns, in the order in which they stand there."""
    words: frozenset[str]
    """All parts of those names: of "a.text" both, since "a" may be another name of the table."""
    functions: frozenset[str]
    classes: frozenset[str]
    """Kinds of expressions: "WINDOW", "SUBQUERY", "STAR", "PARAMETER"; and "SAMPLE" where rows are drawn."""
    tables: frozenset[str]
    """Tables that it reads, besides those that it defines itself by WITH; functions that give tables among them."""


@functools.lru_cache(maxsize=256)
def of_row(expression: str) -> Said:
    """What an expression says whose value depends on one row alone.

    Raises:
        SQLError: it is no expression, or needs other rows, another table, or the time of day.
    """
    select = _select(f"SELECT (\n{expression}\n) AS value")
    alone = len(select["select_list"]) == 1 and select["from_table"]["type"] == "EMPTY" and not select["modifiers"]
    if not alone or select["where_clause"] or select["group_expressions"] or select.get("qualify"):
        raise SQLError("it is no expression of one row: write what would stand between SELECT and FROM, once")
    said = _said(select["select_list"])
    for class_, what in (("WINDOW", "looks at other rows"), ("SUBQUERY", "asks a table"), ("STAR", "names all columns"), ("PARAMETER", "has a gap")):
        if class_ in said.classes:
            raise SQLError(f"it {what}: what depends on one row alone can stand here")
    if many := sorted(said.functions & functions_of_kind("aggregate")):
        raise SQLError(f"{many[0]} is computed over many rows: that is for SQLRowsGenerator")
    if several := sorted(said.functions & _UNNESTING):
        raise SQLError(f"{several[0]} makes rows: that is for SQLRowsGenerator")
    return _unchanging(said)


@functools.lru_cache(maxsize=256)
def of_statement(statement: str) -> Said:
    """What one SELECT over the table `rows` says.

    Raises:
        SQLError: it is something else, reads another table, or depends on the time of day or on chance.
    """
    _select(statement, or_more=True)
    tree = _parsed(statement)
    said = _said(tree)
    if others := sorted(said.tables - {ROWS}):
        raise SQLError(f'it reads "{others[0]}": there is one table, {ROWS}')
    if ROWS not in said.tables:
        raise SQLError(f"it does not read the table: FROM {ROWS}")
    if "PARAMETER" in said.classes:
        raise SQLError("it has a gap for a value, which nobody fills")
    return _unchanging(said)


def _unchanging(said: Said) -> Said:
    if "SAMPLE" in said.classes:
        raise SQLError("it draws other rows each time: draw them by RandomSample, before or after it")
    if changing := sorted(said.functions & functions_of_kind(*_CHANGING)):
        raise SQLError(f"{changing[0]} gives another value each time: the same rows would not give the same result")
    return said


def _select(statement: str, or_more: bool = False) -> dict[str, Any]:
    """The only statement, which has to be a SELECT; `or_more`: or a UNION of them, and the like."""
    tree = _parsed(statement)
    if len(tree["statements"]) != 1:
        raise SQLError(f"it is {len(tree['statements'])} statements: give one")
    node: dict[str, Any] = tree["statements"][0]["node"]
    if node["type"] != "SELECT_NODE" and not or_more:
        raise SQLError("it is no expression of one row")
    return node


def _parsed(statement: str) -> dict[str, Any]:
    """DuckDB's tree of statements that only select: it serializes no other."""
    tree: dict[str, Any] = json.loads(scalar("SELECT json_serialize_sql(?)", statement))
    if tree.get("error"):
        what = str(tree.get("error_message") or tree.get("error_type"))
        raise SQLError("only SELECT is run" if "Only SELECT" in what else " ".join(what.split("\n\nLINE ")[0].split()))
    return tree


def _said(tree: Any) -> Said:
    columns: dict[str, None] = {}
    words, functions, classes, tables, defined = set[str](), set[str](), set[str](), set[str](), set[str]()
    for node, bound in _walk(tree, frozenset()):
        class_, kind = node.get("class"), node.get("type")
        if class_ is not None:
            classes.add(class_)
        if node.get("sample"):
            classes.add("SAMPLE")
        if class_ == "COLUMN_REF":
            names = node["column_names"]
            words.update(names)
            name = names[1] if len(names) > 1 and names[0] == ROWS else names[0]
            if name not in bound:
                columns[name] = None
        elif class_ == "FUNCTION":
            functions.add(node["function_name"].lower())
        elif kind == "BASE_TABLE":
            tables.add(node["table_name"])
        elif kind == "TABLE_FUNCTION":
            function = node["function"]["function_name"].lower()
            if function not in _UNNESTING | {"range", "generate_series"}:
                tables.add(f"{function}(...)")
        if isinstance(node.get("cte_map"), dict):
            defined |= {entry["key"] for entry in node["cte_map"]["map"]}
    return Said(tuple(columns), frozenset(words), frozenset(functions), frozenset(classes), frozenset(tables - defined))


def _walk(tree: Any, bound: frozenset[str]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Every object of the tree, with the names that a lambda around it gives its arguments."""
    if isinstance(tree, list):
        for item in tree:
            yield from _walk(item, bound)
    elif isinstance(tree, dict):
        if tree.get("class") == "LAMBDA":
            names = {name for node, _ in _walk(tree["lhs"], frozenset()) if node.get("class") == "COLUMN_REF" for name in node["column_names"]}
            bound |= names
        yield tree, bound
        for value in tree.values():
            yield from _walk(value, bound)
