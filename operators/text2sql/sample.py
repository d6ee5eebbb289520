"""Queries drawn by a grammar, as rows."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from operators.core.kinds import Generate
from operators.databases.serving import DatabaseServing, DatabaseUnavailable
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.hardness import LEVELS
from operators.text2sql.sampling.sampler import EVEN, sample_queries


class SQLSampler(Generate):
    """Make queries for each database, and for each query a question that means the same, without a language model.

    A grammar over the schema draws joins along keys, aggregates, HAVING, nested and correlated queries, set operations, CTEs, windows, dates, CASE,
    NULL logic and the first of an order, in a requested mix of Spider's hardness. Every query ran, and its answer is not empty, constant or unsure.
    Columns are drawn so that the query makes sense: ids are not summed, zip codes have no average. The questions are plain and stiff: a model may
    rephrase them.
    """

    asks = ("make SQL questions from my database without an LLM", "synthesize queries with questions for text-to-SQL", "sample SQL by difficulty")
    needs = ("database",)
    adds_rows = True

    input_db_id = Input(str)
    output_sql = Output(str, "sql")
    output_question = Output(str, "question")
    output_hardness = Output(str, "sql_hardness")
    output_template = Output(str, "sql_template")

    database: str = Field("database", description="The resource that holds the databases.")
    count: int = Field(100, ge=1, le=100_000, description="Queries for each database; small schemas hold fewer different ones.")
    mix: dict[str, float] = Field(dict(EVEN), description="Hardness (easy, medium, hard, extra) -> share.")
    seed: int = Field(0, description="Another seed draws other queries.")

    @model_validator(mode="after")
    def _known_levels(self) -> Self:
        if unknown := sorted(set(self.mix) - set(LEVELS)):
            raise ValueError(f"mix: {', '.join(unknown)} is no hardness; there are {', '.join(LEVELS)}")
        if any(share < 0 for share in self.mix.values()) or not sum(self.mix.values()):
            raise ValueError("mix: the shares have to be 0 or more, and one above 0")
        return self

    def generate(self, db_id: str, database: DatabaseServing) -> list[dict[str, Any]]:
        try:
            sampled = list(sample_queries(database, db_id, self.count, self.mix, self.seed))
        except DatabaseUnavailable as error:
            raise RowFailed(str(error)) from None
        return [{"sql": one.sql, "question": one.question, "hardness": one.hardness, "template": one.template} for one in sampled]
