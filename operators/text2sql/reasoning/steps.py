"""Reasoning by rules: what a query does, step by step, and then the query."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from operators.core.kinds import Generate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.questions.steps import steps_of
from operators.text2sql.trees import NotSQL


class SQLStepsGenerator(Generate):
    """Write the steps of each query by rules, and the query after them in a code block: what is asked for, tables, joins, conditions, groups, order.

    Stiff and always true, since each step is read from the query: for small models, whose own reasoning goes astray, and where no model may be asked.
    A text that is no query is set aside.
    """

    asks = ("chain of thought without an LLM", "explain what a query does in sentences", "rule based steps for SQL")

    input_sql = Input(str)
    output_reasoning = Output(str)

    dialect: Literal["sqlite", "duckdb", "postgres", "mysql"] = Field("sqlite", description="Of the queries.")

    def generate(self, sql: str) -> str:
        try:
            steps = steps_of(sql, self.dialect)
        except NotSQL as error:
            raise RowFailed(str(error)) from None
        return "\n".join([*steps, "```sql", sql.strip().rstrip(";"), "```"])
