"""Questions that a model writes for queries."""

from __future__ import annotations

import asyncio
import re
from typing import Any, get_args

import numpy as np
from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import EmbeddingServing, LLMSession
from operators.bases.draws import generator
from operators.bases.embedding import embed_each
from operators.bases.votes import DrawsSamples
from operators.core.llm import LLMGenerate
from operators.core.operator import Need
from operators.databases.serving import DatabaseServing
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.questions.prompts import NEED_EVIDENCE, STYLES, QuestionPrompt, Style, WrittenQuestion
from operators.text2sql.questions.rendering import in_words
from operators.text2sql.questions.values import unsaid_values
from operators.text2sql.shown_schema import ShowsSchema
from operators.text2sql.trees import NotSQL

_SQL = re.compile(r"\b(SELECT\b.+\bFROM|GROUP BY|ORDER BY|INNER JOIN|LEFT JOIN)\b|\w_\w", re.DOTALL)


class SQLQuestionGenerator(ShowsSchema, DrawsSamples, LLMGenerate):
    """Have a model write the question that each query answers, with the evidence that one has to know beside it, in one of several styles.

    The style is drawn by the seed and the query. Of `samples` candidates that one is taken whose embedding is nearest to that of the query's own
    rendering in plain English; with one candidate no embedding model is needed. A candidate has to name every value that the query compares with, in
    the question or the evidence, and to hold no SQL; else it is asked for again. Evidence is an empty text where none is needed. Where some rows have
    a question already, divide them off with PresentFilter.
    """

    covers = ("Text2SQLQuestionGenerator",)
    source = "OmniSQL (Li et al. 2025): styles, and choice of the candidate by semantic consistency"
    asks = ("write natural questions for SQL", "turn queries into questions in several styles", "questions with external knowledge for text-to-SQL")
    needs = ("llm", "database", "embedding")
    prompt_variables = ("schema", "engine", "notes", "style", "rendering", "needs_evidence")

    input_sql = Input(str)
    output_question = Output(str)
    output_evidence = Output(str)
    output_style = Output(str, "question_style")
    output_consistency = Output(
        float, "question_consistency", description="cosine of the question and the rendering, -1 to 1; null with one candidate"
    )

    prompt: PromptTemplate[WrittenQuestion] = QuestionPrompt()
    styles: tuple[Style, ...] = Field(get_args(Style), min_length=1, description="Styles to draw from.")
    samples: int = Field(3, ge=1, le=50, description="Candidates; more than one need a temperature above 0, and an embedding model.")
    temperature: float | None = Field(0.8, ge=0, le=2, description="How freely candidates are drawn; null leaves it to the server.")
    seed: int | None = Field(0, description="Of the draw of styles, and given to the server.")
    embedding: str = Field("embedding", description="Name of the embedding model resource.")

    def resource_names(self) -> dict[Need, str]:
        return {need: name for need, name in super().resource_names().items() if need != "embedding" or self.samples > 1}

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        database: DatabaseServing = values.pop("database")
        embedding: EmbeddingServing | None = values.pop("embedding", None)
        sql = str(values["sql"])
        schema = await self.schema_of(database, str(values["db_id"]))
        try:
            rendering = in_words(sql, schema.dialect)
        except NotSQL as error:
            raise RowFailed(str(error)) from None
        styles = [style for style in STYLES if style in self.styles]
        style = styles[int(generator(self.seed or 0, sql).integers(len(styles)))]

        def check(written: WrittenQuestion) -> str | None:
            if _SQL.search(written.question):
                return "the question holds SQL: say it in words, with the names of things as people write them"
            if style in NEED_EVIDENCE and not written.evidence.strip():
                return "the evidence has to say what the unsaid word means"
            unsaid = unsaid_values(sql, f"{written.question} {written.evidence}", schema.dialect)
            return f"the question does not say {unsaid[0]}" if unsaid else None

        asked = {
            **values,
            **self.shown(schema, sql),
            "rendering": rendering,
            "style": STYLES[style],
            "needs_evidence": style in NEED_EVIDENCE,
        }
        drawn = [one.answer for one in await self.draw_samples(llm, asked, check=check) if one is not None]
        chosen, consistency = await _nearest(embedding, drawn, rendering)
        return {"question": chosen.question.strip(), "evidence": chosen.evidence.strip(), "style": style, "consistency": consistency}


async def _nearest(embedding: EmbeddingServing | None, drawn: list[WrittenQuestion], rendering: str) -> tuple[WrittenQuestion, float | None]:
    """The candidate most like the rendering; of equals the first. One that the embedding model has no vector for is like nothing."""
    if embedding is None:
        return drawn[0], None
    texts = [rendering, *(f"{one.question} {one.evidence}".strip() for one in drawn)]
    vectors, without = await asyncio.to_thread(embed_each, embedding, texts)
    cosines = np.asarray(vectors[1:] @ vectors[0])
    usable = [place for place in range(len(drawn)) if place + 1 not in without]
    if 0 in without or not usable:
        return drawn[0], None
    best = max(usable, key=lambda place: (float(cosines[place]), -place))
    return drawn[best], float(cosines[best])
