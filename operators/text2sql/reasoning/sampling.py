"""Queries that a model answers a question with, knowing the database and not the right query."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.votes import DrawsSamples
from operators.databases.execution import NotExecuted
from operators.databases.schema import Schema
from operators.databases.serving import DatabaseServing
from operators.tables.columns import Input
from operators.tables.errors import RowFailed
from operators.text2sql.agreement import Agreement, agreement_of, executed
from operators.text2sql.equivalence import Mode, orders_rows
from operators.text2sql.reasoning.prompts import AnswerPrompt
from operators.text2sql.replies import is_own_fault, sql_of
from operators.text2sql.shown_schema import ShowsSchema


class AnswersQuestions(ShowsSchema, DrawsSamples, abstract=True):
    """Draws `samples` queries for a question and compares each with the right one, which the model does not see: on the database, and on every
    instance of its test suite. The right query is executed once, however many samples there are.
    """

    prompt_variables = ("schema", "engine", "notes", "prompt_text")

    input_sql = Input(str, description="the right query")
    input_question = Input(str)
    input_evidence = Input(str, optional=True, nulls="pass")

    prompt: PromptTemplate[str] = AnswerPrompt()
    mend: bool = Field(True, description="Tell the model when its query does not run, and let it answer again.")
    mode: Mode = Field("spider", description="What of two answers must agree: see SQLAgreementFilter.")

    async def compared(self, llm: LLMSession, values: Mapping[str, Any], prompt_text: str | None = None) -> list[tuple[str | None, Agreement | None]]:
        """For each sample the query and how far it agrees; None where no query came, or none that runs.

        Raises:
            RowFailed: the right query has no answer, the database is not there, or no request was answered.
        """
        values = dict(values)
        database: DatabaseServing = values.pop("database")
        schema = await self.schema_of(database, str(values["db_id"]))
        gold = str(values.pop("sql"))
        places = [schema.name, *database.instances(schema.name)]
        (of_gold,) = await asyncio.to_thread(executed, database, schema.name, [gold], schema.dialect)
        if isinstance(of_gold[0], NotExecuted):  # found out before anything is paid for
            raise RowFailed(f"the gold query has no answer ({of_gold[0]})")
        shown = self.shown(schema, f"{values['question']} {values['evidence'] or ''}")

        async def check(reply: str) -> str | None:
            return await why_no_answer(reply, database, schema) if self.mend else None

        try:
            drawn = await self.draw_samples(llm, {**values, **shown, "prompt_text": prompt_text}, check=check)
        except RowFailed as failed:
            if not is_own_fault(failed):
                raise
            return [(None, None)] * self.samples
        queries = [sql_of(one.answer, schema.dialect) if one is not None else None for one in drawn]
        written = [sql for sql in queries if sql is not None]
        answers = await asyncio.to_thread(executed, database, schema.name, written, schema.dialect)
        ordered = orders_rows(gold, schema.dialect)
        agreed = [agreement_of(places, of_gold, answer, self.mode, ordered) for answer in answers]
        if unknown := next((one for one in agreed if one.failed), None):
            raise RowFailed(unknown.reason)
        found = iter(agreed)
        return [(sql, next(found) if sql is not None else None) for sql in queries]


async def why_no_answer(reply: str, database: DatabaseServing, schema: Schema) -> str | None:
    """What is wrong with a reply that should end with a query which runs, told to its writer; None where nothing is. Raises RowFailed."""
    sql = sql_of(reply, schema.dialect)
    if sql is None:
        return "it does not end with a whole query in a ```sql block"
    return await why_it_does_not_run(sql, database, schema)


async def why_it_does_not_run(sql: str, database: DatabaseServing, schema: Schema) -> str | None:
    """Told to the writer of a query; None where it runs. Raises RowFailed: the database cannot be asked, for which no writer can do anything."""
    answer = await database.execute_soon(schema.name, sql)
    if isinstance(answer, NotExecuted) and answer.is_no_fault:
        raise RowFailed(str(answer))
    return f"the query does not run: {answer}" if isinstance(answer, NotExecuted) else None


def agreeing(compared: Sequence[tuple[str | None, Agreement | None]]) -> int:
    """How many samples have the right answer everywhere."""
    return sum(one is not None and one.everywhere for _, one in compared)
