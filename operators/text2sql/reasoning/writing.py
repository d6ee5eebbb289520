"""Reasoning that a model writes: several ways to a query, to vote on."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.fenced_blocks import blocks_of
from operators.bases.votes import DrawsSamples
from operators.core.llm import LLMGenerate
from operators.databases.serving import DatabaseServing
from operators.tables.columns import Input, Output
from operators.text2sql.reasoning.prompts import ReasoningPrompt
from operators.text2sql.reasoning.sampling import why_no_answer
from operators.text2sql.replies import sql_of, steps_before
from operators.text2sql.shown_schema import ShowsSchema

_BETRAYED: Final = re.compile(
    r"\b(?:(?:given|provided|reference|gold(?:en)?|supplied|above|right|correct) (?:sql )?(?:query|sql|answer|statement)"
    r"|(?:query|sql) (?:was|is) (?:given|provided)"
    r"|as (?:given|provided))\b",
    re.IGNORECASE,
)
FEWEST_CHARACTERS: Final = 40
_NUMBER: Final = re.compile(r"(?<![\w.])\d{2,}(?![\w])")
"""Of two digits or more: smaller ones number the steps."""
_CLAUSE: Final = re.compile(r"\b(?:GROUP BY|ORDER BY|HAVING|LIMIT|DISTINCT|UNION|INTERSECT|EXCEPT|JOIN|WHERE)\b")
_NAMED_TABLE: Final = re.compile(r"`(\w+)`(?!\s*(?:column|field))|\btables? [\"'`]?(\w+)|\b(\w+)[\"'`]? table\b")


class Text2SQLReasoningGenerator(ShowsSchema, DrawsSamples, LLMGenerate):
    """Have a model work each question out step by step, `samples` times: reasoning that ends with a query. Vote on them with SQLVoteEvaluator.

    The model is told the engine of the row's database. The right query is not shown; with `show_gold` it is, where the row has one, and reasoning
    that speaks of a query that was given is asked for again. So is an answer without a whole query that runs, without a step before
    it, or with a number that nobody gave.
    """

    covers = ("Text2SQLCoTGenerator",)
    source = "OmniSQL (Li et al. 2025): chain-of-thought synthesis"
    asks = ("chain of thought for text-to-SQL", "explain step by step how to get the SQL", "several reasoning samples for each question")
    prompt_variables = ("schema", "engine", "notes", "gold")

    input_question = Input(str)
    input_evidence = Input(str, optional=True, nulls="pass")
    input_sql = Input(str, optional=True, nulls="pass", description="the right query; shown to the model only with show_gold")
    output_reasonings = Output(list[str], "sampled_reasonings", description="in the order of the samples; null where one failed")

    prompt: PromptTemplate[str] = ReasoningPrompt()
    samples: int = Field(3, ge=1, le=1000, description="How often to ask the same question; more than once needs a temperature above 0.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely answers are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(1024, ge=1, description="Longest reasoning, in tokens.")
    show_gold: bool = Field(False, description="Show the model the right query, where the row has one.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[str | None]:
        database: DatabaseServing = values.pop("database")
        schema = await self.schema_of(database, str(values["db_id"]))
        gold = values.pop("sql") if self.show_gold else values.pop("sql") and None

        shown = self.shown(schema, f"{values['question']} {values['evidence'] or ''}")

        async def check(reply: str) -> str | None:
            if fault := await why_no_answer(reply, database, schema):
                return fault
            if len(steps_before(reply, str(sql_of(reply, schema.dialect)))) < FEWEST_CHARACTERS:
                return "there are no steps before the query: say first, in a sentence each, what is asked for and how it is found"
            known = " ".join(str(text) for text in (values["question"], values["evidence"], sql_of(reply, schema.dialect), shown["schema"]))
            if invented := sorted(set(_NUMBER.findall(reply)) - set(_NUMBER.findall(known))):
                return f"it speaks of {invented[0]}, which is neither in the question nor in the query"
            if foreign := _not_in_query(reply, str(sql_of(reply, schema.dialect)), {table.name for table in schema.tables}):
                return f"the steps speak of {foreign}, and the query has none of it: the steps have to lead to the query"
            if not blocks_of(reply):
                return "the query does not stand in a ```sql block"
            return "it speaks of a query that was given: find it yourself" if gold and _BETRAYED.search(reply) else None

        drawn = await self.draw_samples(llm, {**values, **shown, "gold": gold}, check=check)
        return [one.answer.strip() if one is not None else None for one in drawn]


def _not_in_query(reply: str, sql: str, tables: set[str]) -> str | None:
    """A clause in capital letters, or a table that is called one, of which the steps speak and the query has nothing."""
    steps = steps_before(reply, sql)
    query = sql.upper()
    if clause := next((found for found in _CLAUSE.findall(steps) if found not in query), None):
        return str(clause)
    known = {table.lower(): table for table in tables}
    named = (known.get(next(filter(None, found), "").lower()) for found in _NAMED_TABLE.findall(steps))
    return next((table for table in named if table and not re.search(rf"(?<!\w){re.escape(table)}(?!\w)", sql, re.IGNORECASE)), None)
