"""What a model is to write: drawn from the schema and a seed, before any model is asked, one row for each query."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

from pydantic import Field, field_validator

from operators.core.kinds import Generate
from operators.databases.schema import Column, Dialect, Schema, Table
from operators.databases.serving import DatabaseServing, DatabaseUnavailable
from operators.databases.shown_values import PERSONAL, without_values
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed, closest
from operators.text2sql.sampling.drawing import literal
from operators.text2sql.sampling.roles import role_of
from operators.text2sql.synthesis.complexity import LEVELS

_COMMON: Final = ("ROUND", "COALESCE", "NULLIF", "UPPER", "LENGTH", "ABS", "COUNT(DISTINCT ...)", "CASE")
FUNCTIONS: Final[dict[Dialect, tuple[str, ...]]] = {
    "sqlite": (*_COMMON, "STRFTIME", "SUBSTR", "INSTR", "JULIANDAY", "GROUP_CONCAT", "IIF"),
    "duckdb": (*_COMMON, "DATE_TRUNC", "DATE_DIFF", "MEDIAN", "STRING_AGG", "QUANTILE_CONT"),
    "postgres": (*_COMMON, "DATE_TRUNC", "EXTRACT", "STRING_AGG", "SPLIT_PART", "PERCENTILE_CONT"),
    "mysql": (*_COMMON, "DATE_FORMAT", "TIMESTAMPDIFF", "YEAR", "GROUP_CONCAT", "SUBSTRING_INDEX"),
}
"""Functions that each engine has."""
VALUES: Final = 4


class SQLBriefSampler(Generate):
    """Draw what a model is to write for each database: a row for each query, with its complexity, the table or column that it has to read, how many
    columns it selects, a function to use, and values that occur. No model is asked.

    With `each="database"`, `count` briefs for each row; with `each="column"`, `count` for each column that fits `columns` and can be asked for: of
    "vector" columns alone with `kinds=("vector",)`. What is drawn depends on the seed, the database and the number of the brief alone. Follow with
    SQLQueryGenerator, which answers one brief in one request.
    """

    covers = ("SQLByColumnGenerator",)
    source = "OmniSQL (Li et al. 2025): complexity, functions, sampled values and number of columns in the prompt"
    asks = ("a few queries for every column of my tables", "plan which SQL an LLM should write", "cover vector columns with queries")
    needs = ("database",)
    adds_rows = True

    input_db_id = Input(str)
    output_complexity = Output(str, "asked_complexity")
    output_about = Output(str, "asked_about", description='a table, or "table.column"')
    output_selected = Output(int, "asked_selected", description="how many columns it selects")
    output_functions = Output(list[str], "asked_functions")
    output_values = Output(list[str], "asked_values", description="values that occur: \"genre.name: 'Rock'\"")
    output_number = Output(int, "asked_number", description="tells briefs apart that ask for the same")

    database: str = Field("database", description="The resource that holds the databases.")
    each: Literal["database", "column"] = Field("database", description="What `count` briefs are drawn for.")
    count: int = Field(20, ge=1, le=100_000)
    mix: dict[str, float] = Field(dict.fromkeys(LEVELS, 0.25), description="Complexity -> share.")
    columns_like: tuple[str, ...] = Field(("*",), min_length=1, description='Columns to draw from, as patterns: "track.*", "*_embedding".')
    kinds: tuple[str, ...] = Field((), description='Classes of types to draw from, such as "vector" or "date"; all where empty.')
    functions: bool = Field(True, description="Name a function of the engine in every second brief.")
    values: bool = Field(True, description="Show values that occur; without it no data leave the database.")
    hide: tuple[str, ...] = Field(PERSONAL, description="Columns whose values are never shown, as patterns of names.", repr=False)
    seed: int = 0

    @field_validator("mix")
    @classmethod
    def _known(cls, mix: dict[str, float]) -> dict[str, float]:
        for level in mix:
            if level not in LEVELS:
                raise ValueError(f'there is no complexity "{level}", only {", ".join(LEVELS)}. {closest(level, LEVELS)}')
        if any(share < 0 for share in mix.values()) or not sum(mix.values()):
            raise ValueError("the shares have to be 0 or more, and one above 0")
        return mix

    def generate(self, db_id: str, database: DatabaseServing) -> list[dict[str, Any]]:
        try:
            schema = without_values(database.schema(db_id), self.hide)
        except DatabaseUnavailable as error:
            raise RowFailed(str(error)) from None
        places = [(table, column) for table in schema.tables for column in table.columns if self._fits(table, column)]
        if not places:
            return []
        if self.each == "column":
            wanted = [place for place in places for _ in range(self.count)]
        else:
            wanted = [places[random.Random(f"{self.seed} {db_id} {number} place").randrange(len(places))] for number in range(self.count)]
        drawn = ((number, self._brief(schema, *place, f"{self.seed} {db_id} {number}")) for number, place in enumerate(wanted))
        return [{**brief, "number": number} for number, brief in drawn]

    def _fits(self, table: Table, column: Column) -> bool:
        """Keys and what nobody asks for are left out, unless a pattern or a kind names them."""
        name = f"{table.name}.{column.name}".lower()
        if not any(fnmatchcase(name, pattern.lower()) or fnmatchcase(column.name.lower(), pattern.lower()) for pattern in self.columns_like):
            return False
        if self.kinds:
            return column.type_class in self.kinds
        return self.columns_like != ("*",) or column.statistics is None or role_of(column, table) not in ("key", "other")

    def _brief(self, schema: Schema, table: Table, column: Column, seed: str) -> dict[str, Any]:
        draw = random.Random(seed)
        level = draw.choices(list(self.mix), list(self.mix.values()))[0]
        columns = 1
        while columns < 5 and draw.random() < 0.4:
            columns += 1
        function = [draw.choice(FUNCTIONS[schema.dialect])] if self.functions and draw.random() < 0.5 else []
        near = [table, *(schema.table(key.other_table) for key in table.foreign_keys if key.other_table.lower() in _names(schema))]
        known = [f"{place.name}.{one.name}: {_short(one, draw)}" for place in near for one in place.columns if self.values and _short(one, draw)]
        return {
            "complexity": level,
            "about": f"{table.name}.{column.name}" if self.each == "column" else table.name,
            "selected": columns,
            "functions": function,
            "values": sorted(draw.sample(known, min(VALUES, len(known)))),
        }


def _names(schema: Schema) -> set[str]:
    return {table.name.lower() for table in schema.tables}


def _short(column: Column, draw: random.Random) -> str:
    """One of the values of a column of texts, as it is written in a query; "" where none is short."""
    fitting = [value for value in column.samples if isinstance(value, str) and 0 < len(value) <= 40]
    return literal(fitting[draw.randrange(len(fitting))]) if fitting and column.type_class in ("text", "date", "datetime") else ""
