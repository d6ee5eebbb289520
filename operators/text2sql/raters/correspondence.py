"""Whether a query answers its question, in the opinion of a model that sees both, the tables, and what the query gives."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import AsksLLM, LLMEvaluate, LLMFilter
from operators.databases.execution import NotExecuted, Rows
from operators.databases.serving import DatabaseServing
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.questions.rendering import in_words
from operators.text2sql.questions.values import unsaid_values
from operators.text2sql.raters.prompts import Correspondence, CorrespondencePrompt
from operators.text2sql.shown_schema import ShowsSchema
from operators.text2sql.trees import NotSQL


class JudgesCorrespondence(ShowsSchema, AsksLLM, abstract=True):
    """Asks whether the query gives what the question asks for. The model sees the tables, both, the query in plain words, and its first rows.

    No model is asked about a question that is empty or a query that does not run: that is the verdict.
    """

    prompt_variables = ("schema", "engine", "notes", "rendering", "answer", "unsaid")

    input_sql = Input(str)
    input_question = Input(str)
    input_evidence = Input(str, optional=True, nulls="pass")

    prompt: PromptTemplate[Correspondence] = CorrespondencePrompt()
    rows: int = Field(5, ge=0, le=50, description="Rows of the answer that the model sees; with 0 none of the data.")

    async def judged(self, llm: LLMSession, values: dict[str, Any]) -> tuple[bool, str]:
        """Whether they correspond, and why not, or why."""
        values = dict(values)
        database: DatabaseServing = values.pop("database")
        schema = await self.schema_of(database, str(values["db_id"]))
        sql, question = str(values["sql"]), str(values["question"])
        if not question.strip():
            return False, "the question is empty"
        try:
            rendering = in_words(sql, schema.dialect)
            unsaid = unsaid_values(sql, f"{question} {values['evidence'] or ''}", schema.dialect)
        except NotSQL as error:
            return False, str(error)
        answer = await database.execute_soon(schema.name, sql)
        if isinstance(answer, NotExecuted):
            if answer.is_no_fault:
                raise RowFailed(str(answer))
            return False, f"the query does not run: {answer}"
        asked = {**values, **self.shown(schema, f"{question} {sql}"), "rendering": rendering, "unsaid": unsaid, "answer": _told(answer, self.rows)}
        said: Correspondence = await self.ask(llm, asked)
        return said.corresponds, said.difference.strip() or f"asked: {said.asked}; given: {said.given}"


def _told(answer: Rows, most: int) -> str:
    """ "2 rows of (name, age): ('Ada', 36); ('Alan', 41)"."""
    head = f"{len(answer.rows)} row{'' if len(answer.rows) == 1 else 's'} of ({', '.join(column.name for column in answer.columns)})"
    shown = "; ".join(str(row)[:200] for row in answer.rows[:most])
    return f"{head}: {shown}" if shown else head


class CorrespondenceEvaluator(JudgesCorrespondence, LLMEvaluate):
    """Say whether a query gives exactly what its question asks for, true or false, with the reason, in the opinion of a model.

    An opinion is no proof: the model's name may stand beside it (`model_column`). What can be executed is better checked by
    BackTranslationEvaluator.
    """

    asks = ("does this SQL answer the question", "flag mismatched question and query pairs", "LLM judge for text-to-SQL pairs")

    output_corresponds = Output(bool)
    output_reason = Output(str, "corresponds_reason")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        corresponds, reason = await self.judged(llm, values)
        return {"corresponds": corresponds, "reason": reason}


class CorrespondenceFilter(JudgesCorrespondence, LLMFilter):
    """Keep rows whose query gives exactly what the question asks for, in the opinion of a model; the others are set aside with the difference.

    A row whose question is empty, or whose query does not run, is rejected without asking; one whose database is not there fails alone.
    """

    covers = ("Text2SQLCorrespondenceFilter",)
    asks = ("drop questions that do not match their SQL", "keep consistent text-to-SQL pairs", "filter wrong question query pairs with an LLM")

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        return await self.judged(llm, values)
