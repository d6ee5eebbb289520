"""New queries from old ones: changed in a stated direction, which is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

from pydantic import Field
from sqlglot import exp

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.draws import generator
from operators.core.llm import LLMGenerate
from operators.databases.schema import Schema
from operators.databases.serving import DatabaseServing
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.agreement import agreement
from operators.text2sql.components import Components, components
from operators.text2sql.reasoning.sampling import why_it_does_not_run
from operators.text2sql.replies import is_own_fault, sql_of
from operators.text2sql.shown_schema import ShowsSchema
from operators.text2sql.synthesis.prompts import SQLVariationPrompt
from operators.text2sql.synthesis.sense import nonsense
from operators.text2sql.trees import NotSQL, query_tree

Direction: TypeAlias = Literal["values", "columns", "conditions", "grouping", "joining", "nesting", "ordering", "window", "rewriting"]


class _Query(NamedTuple):
    tree: exp.Query
    parts: Components


class _Change(NamedTuple):
    told: str
    """What the model is asked to do."""
    made: Callable[[_Query, _Query], bool]
    """Whether it did, of the old and the new query."""
    missed: str
    """What is said where it did not."""


DIRECTIONS: Final[dict[Direction, _Change]] = {
    "values": _Change(
        "Change only the values that it compares with, to others that occur. Everything else stays.",
        lambda old, new: _shape(old.tree) == _shape(new.tree) and _literals(old.tree) != _literals(new.tree),
        "only values may be others, and at least one has to be",
    ),
    "columns": _Change(
        "Ask for other columns of the same tables.",
        lambda old, new: set(old.parts.tables) == set(new.parts.tables) and set(old.parts.columns) != set(new.parts.columns),
        "the tables have to be the same, and some columns others",
    ),
    "conditions": _Change(
        "Ask the same under another condition: add one, or replace one.",
        lambda old, new: _conditions(old.tree) != _conditions(new.tree) and new.parts.conditions > 0,
        "the conditions are the same",
    ),
    "grouping": _Change(
        "Ask for an aggregate of each group instead of the rows, with GROUP BY; where it groups already, group by something else.",
        lambda old, new: new.parts.group_by and new.parts.aggregates > 0 and _groups(old.tree) != _groups(new.tree),
        "there has to be an aggregate with another GROUP BY than before",
    ),
    "joining": _Change(
        "Bring in one more table, along a foreign key, and use something of it.",
        lambda old, new: set(old.parts.tables) < set(new.parts.tables),
        "it has to read the tables of before and one more",
    ),
    "nesting": _Change(
        "Compare with the result of another query: add a subquery or a CTE.",
        lambda old, new: new.parts.subqueries + new.parts.ctes > old.parts.subqueries + old.parts.ctes,
        "there is no further subquery or CTE",
    ),
    "ordering": _Change(
        "Ask for the first few rows in a sensible order, with ORDER BY and LIMIT; where it does so already, for the last few.",
        lambda old, new: new.parts.order_by and new.parts.limit and _order(old.tree) != _order(new.tree),
        "there has to be an ORDER BY with LIMIT that is not the one of before",
    ),
    "window": _Change(
        "Use a window function: a rank within groups, a running total, or a difference from the average of a group.",
        lambda old, new: new.parts.windows > old.parts.windows,
        "there is no further window function",
    ),
    "rewriting": _Change(
        "Write it in another way that gives exactly the same answer: a join instead of a subquery, EXISTS instead of IN, a CTE, and the like.",
        lambda old, new: _shape(old.tree) != _shape(new.tree),
        "it is written in the same way",
    ),
}
"""Directions, each with how it is checked. That a rewriting gives the same answer is checked by running both."""


class SQLVariationGenerator(ShowsSchema, LLMGenerate):
    """Have new queries made of each query in stated directions: a row for each, with the direction, that names the old one as its parent.

    The `count` directions of a query are different ones, drawn by the seed and the query. Each new query is checked: that the change is the one that
    was asked for, that it runs, sums no ids, and is neither the old query nor a sibling; a rewriting has to give the same answer on the database and
    its instances. One that still fails is left out, and a query of which no variation came is set aside with the reason. Columns of `carry` go
    along; the old question must not, so only `db_id` does by default. Bring old and new together with Union.
    """

    covers = ("SQLVariationGenerator",)
    source = "Text2SQL-Flow (Cai et al. 2025)"
    asks = ("augment SQL with variations", "more queries out of the ones I have", "harder versions of existing queries")
    adds_rows = True
    prompt_variables = ("schema", "engine", "notes", "change")

    input_sql = Input(str)
    output_sql = Output(str)
    output_direction = Output(str, "sql_variation")

    prompt: PromptTemplate[str] = SQLVariationPrompt()
    directions: tuple[Direction, ...] = Field(get_args(Direction), min_length=1, description="Directions to draw from.")
    count: int = Field(2, ge=1, le=9, description="Directions for each query; all of them where there are fewer.")
    seed: int | None = Field(0, description="Of the draw of directions, and given to the server.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely queries are drawn; null leaves it to the server.")
    carry: Literal["all", "none"] | tuple[str, ...] = Field(("db_id",), description="Columns of the old row that a new one keeps.", repr=False)

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, str]]:
        database: DatabaseServing = values.pop("database")
        schema = await self.schema_of(database, str(values["db_id"]))
        try:
            old = _read(str(values["sql"]), schema.dialect)
        except NotSQL as error:
            raise RowFailed(str(error)) from None
        directions = [one for one in get_args(Direction) if one in self.directions and (one != "values" or _literals(old.tree))]
        if not directions:
            raise RowFailed("the query compares with no value: there is nothing to change in this direction")
        drawn = generator(self.seed or 0, str(values["sql"])).choice(len(directions), min(self.count, len(directions)), replace=False)
        met = {_shape(old.tree, literals=True)}
        rows: list[dict[str, str]] = []
        failed = ""
        for place in sorted(drawn.tolist()):
            try:
                sql = await self._varied(llm, database, schema, values, old, directions[place], met)
            except RowFailed as error:
                if not is_own_fault(error):
                    raise
                failed = failed or f"{directions[place]}: {error}"
                continue
            met.add(_shape(query_tree(sql, schema.dialect), literals=True))
            rows.append({"sql": sql, "direction": directions[place]})
        if not rows:
            raise RowFailed(failed)
        return rows

    async def _varied(
        self, llm: LLMSession, database: DatabaseServing, schema: Schema, values: dict[str, Any], old: _Query, direction: Direction, met: set[str]
    ) -> str:
        change = DIRECTIONS[direction]

        async def check(reply: str) -> str | None:
            sql = sql_of(reply, schema.dialect)
            if sql is None:
                return "there is no whole query in a ```sql block"
            new = _read(sql, schema.dialect)
            if _shape(new.tree, literals=True) in met:
                return "the query is one that is there already"
            if not change.made(old, new):
                return change.missed
            if fault := nonsense(sql, schema):
                return fault
            if stopped := await why_it_does_not_run(sql, database, schema):
                return stopped
            if direction == "rewriting":
                same = await asyncio.to_thread(agreement, database, schema.name, str(values["sql"]), sql, "spider", schema.dialect)
                if same.failed:
                    raise RowFailed(same.reason)
                return f"it does not give the same answer: {same.reason}" if same.reason else None
            return None

        shown = self.shown(schema, str(values["sql"]))
        reply = await self.ask(llm, {**values, **shown, "change": change.told}, check=check)
        return str(sql_of(reply, schema.dialect))


def _read(sql: str, dialect: str) -> _Query:
    return _Query(query_tree(sql, dialect), components(sql, dialect))


def _shape(tree: exp.Expr, literals: bool = False) -> str:
    """The query in one form, whatever its case, spaces and aliases of tables; without its values where these do not count."""
    copy = tree.copy()
    if not literals:
        for literal in list(copy.find_all(exp.Literal)):
            literal.replace(exp.Placeholder())
    return copy.sql(normalize=True, comments=False).lower()


def _literals(tree: exp.Expr) -> list[str]:
    return sorted(literal.sql() for literal in tree.find_all(exp.Literal))


def _clauses(tree: exp.Expr, *names: str) -> list[str]:
    return sorted(clause.sql().lower() for select in tree.find_all(exp.Select) for name in names if (clause := select.args.get(name)) is not None)


def _conditions(tree: exp.Expr) -> list[str]:
    return _clauses(tree, "where", "having")


def _groups(tree: exp.Expr) -> list[str]:
    return _clauses(tree, "group")


def _order(tree: exp.Expr) -> list[str]:
    return [clause.sql().lower() for clause in tree.find_all(exp.Order, exp.Limit)]
