"""Queries that a model writes: one for each brief."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMGenerate
from operators.databases.serving import DatabaseServing
from operators.tables.columns import Input, Output
from operators.tables.errors import closest
from operators.text2sql.components import Components, components
from operators.text2sql.reasoning.sampling import why_it_does_not_run
from operators.text2sql.replies import sql_of
from operators.text2sql.shown_schema import ShowsSchema
from operators.text2sql.synthesis.complexity import CRITERIA, LEVELS, complexity_of
from operators.text2sql.synthesis.prompts import SQLQueryPrompt
from operators.text2sql.synthesis.sense import nonsense
from operators.text2sql.trees import NotSQL


class SQLQueryGenerator(ShowsSchema, LLMGenerate):
    """Have a model write a query for each row, from the schema of its database and what the row asks for: see SQLBriefSampler.

    Each query is checked before it is believed: it is one query in the SQL of the engine, it reads what it has to, sums no ids, joins every table,
    runs, and meets the stated criteria of its complexity. The model is told what is wrong and asked again; what is still wrong is set aside. With
    `criteria="label"` a query of another complexity stays, under its true name.
    """

    covers = ("SQLGenerator", "SQLByColumnGenerator")
    source = "OmniSQL (Li et al. 2025)"
    asks = ("let an LLM write SQL for my schema", "generate queries of a chosen complexity", "synthetic SQL from tables and sample values")
    prompt_variables = ("schema", "engine", "notes", "criteria")

    input_complexity = Input(str, "asked_complexity", optional=True, nulls="pass", description="any where there is none")
    input_about = Input(str, "asked_about", optional=True, nulls="pass", description='a table, or "table.column", that the query has to read')
    input_selected = Input(int, "asked_selected", optional=True, nulls="pass", description="how many columns to select; a wish, not checked")
    input_functions = Input(list[str], "asked_functions", optional=True, nulls="pass")
    input_values = Input(list[str], "asked_values", optional=True, nulls="pass")
    input_number = Input(int, "asked_number", optional=True, nulls="pass", description="of the sample, where several rows ask for the same")
    output_sql = Output(str)
    output_complexity = Output(str, "sql_complexity", description="the level whose criteria the query meets")

    prompt: PromptTemplate[str] = SQLQueryPrompt()
    criteria: Literal["require", "label"] = Field("require", description="What becomes of a query of another complexity than asked for.")
    temperature: float | None = Field(0.8, ge=0, le=2, description="How freely queries are drawn; null leaves it to the server.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str]:
        database: DatabaseServing = values.pop("database")
        schema = await self.schema_of(database, str(values["db_id"]))
        asked, about = values["complexity"], values["about"] or ""
        if asked is not None and asked not in CRITERIA:
            raise ValueError(f'there is no complexity "{asked}", only {", ".join(LEVELS)}. {closest(asked, LEVELS)}'.strip())

        async def check(reply: str) -> str | None:
            sql = sql_of(reply, schema.dialect)
            if sql is None:
                return "there is no whole query in a ```sql block"
            try:
                found = components(sql, schema.dialect)
            except NotSQL as error:
                return str(error)
            if fault := nonsense(sql, schema) or _leaves_out(found, about) or self._other_level(found, asked):
                return fault
            return await why_it_does_not_run(sql, database, schema)

        wanted = {**values, **self.shown(schema, about), "criteria": CRITERIA[asked] if asked else None}
        reply = await self.ask(llm, wanted, check=check, sample=values["number"] or 0)
        sql = str(sql_of(reply, schema.dialect))
        return {"sql": sql, "complexity": complexity_of(components(sql, schema.dialect))}

    def _other_level(self, found: Components, asked: str | None) -> str:
        level = complexity_of(found)
        if asked is None or level == asked or self.criteria == "label":
            return ""
        return f"the query is {level}, not {asked}: it should be one that {CRITERIA[asked]}"  # type: ignore[index]


def _leaves_out(found: Components, about: str) -> str:
    table, _, column = about.lower().partition(".")
    if table and table not in found.tables:
        return f"it does not read the table {table}"
    return f"it does not read the column {column}" if column and column not in found.columns else ""
