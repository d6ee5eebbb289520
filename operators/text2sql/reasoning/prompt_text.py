"""The prompt that a model is trained and evaluated with."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field, field_validator

from operators.asking.templates import compiled, variables_of
from operators.core.kinds import Generate
from operators.databases.schema import Schema
from operators.databases.serving import DatabaseServing, DatabaseUnavailable
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed, closest
from operators.text2sql.components import components
from operators.text2sql.reasoning.prompts import ANSWER_PROMPT
from operators.text2sql.shown_schema import ShowsSchema
from operators.text2sql.trees import NotSQL

VARIABLES: Final = ("schema", "engine", "question", "evidence")


class Text2SQLPromptGenerator(ShowsSchema, Generate):
    """Build the prompt of each question: the tables, the evidence before the question, the name of the engine, and the form of the answer. No model.

    Under `max_schema_tokens` the tables and columns stay that matter for the question; where the row has a query, those that it reads have to stay,
    or the row is set aside. Beside the prompt stands the plain answer, the query in the form that the prompt asks for. A row whose database is not
    there is set aside. Sample values are left out of columns that fit `hide`, or whose values look like addresses or numbers of telephones.
    """

    covers = ("Text2SQLPromptGenerator",)
    source = "OmniSQL (Li et al. 2025); M-Schema of XiYan-SQL (Gao et al. 2024)"
    asks = ("build text-to-SQL prompts with the schema", "training input from question and database", "m-schema prompt for SFT")
    needs = ("database",)

    input_question = Input(str)
    input_evidence = Input(str, optional=True, nulls="pass")
    input_sql = Input(str, optional=True, nulls="pass", description="the right query, whose tables and columns have to be in the prompt")
    output_prompt = Output(str, "text2sql_prompt")
    output_answer = Output(str, "text2sql_answer", description="the query in a code block; null where there is none")

    template: str = Field(ANSWER_PROMPT, description="Jinja2, with schema, engine, question and evidence.", repr=False)

    @field_validator("template")
    @classmethod
    def _known_variables(cls, template: str) -> str:
        for name in sorted(variables_of(template) - set(VARIABLES)):
            raise ValueError(f'there is no variable "{name}", only {", ".join(VARIABLES)}. {closest(name, VARIABLES)}')
        return template

    def generate(self, db_id: str, question: str, evidence: str | None, sql: str | None, database: DatabaseServing) -> dict[str, str | None]:
        try:
            schema = database.schema(db_id)
        except DatabaseUnavailable as error:
            raise RowFailed(str(error)) from None
        about = " ".join(part for part in (question, evidence, sql) if part)
        values: dict[str, Any] = {**self.shown(schema, about), "question": question, "evidence": (evidence or "").strip()}
        if sql and (missing := _left_out(sql, schema, values["schema"])):
            raise RowFailed(f"the schema of {self.max_schema_tokens} tokens lacks {missing}, which the query reads: raise max_schema_tokens")
        text = compiled(self.template).render({name: values[name] for name in variables_of(self.template)})
        return {"prompt": text, "answer": f"```sql\n{sql.strip().rstrip(';')}\n```" if sql else None}


def _left_out(sql: str, schema: Schema, text: str) -> str:
    """A table or column that a query reads and that a text of the schema does not have; "" where there is none."""
    try:
        read = components(sql, schema.dialect)
    except NotSQL:
        return ""
    shown = text.lower()
    tables = [table for table in schema.tables if table.name.lower() in read.tables]
    missing = [f"the table {table.name}" for table in tables if table.name.lower() not in shown]
    columns = {column.name.lower() for table in tables for column in table.columns} & set(read.columns)
    return next(iter([*missing, *(f"the column {name}" for name in sorted(columns) if name not in shown)]), "")
