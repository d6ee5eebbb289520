"""Showing a model the database that a row is about."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from pydantic import Field

from operators.core.operator import Need, Operator
from operators.databases.schema import Dialect, Schema
from operators.databases.schema_text import SchemaForm, schema_text
from operators.databases.serving import DatabaseServing, DatabaseUnavailable
from operators.databases.shown_values import PERSONAL, without_values
from operators.tables.columns import Input
from operators.tables.errors import RowFailed

ENGINES: Final[dict[Dialect, str]] = {"sqlite": "SQLite", "duckdb": "DuckDB", "postgres": "PostgreSQL", "mysql": "MySQL"}
NOTES: Final[dict[Dialect, str]] = {
    "sqlite": "SQLite keeps days as texts: STRFTIME('%Y', day) is the year as a text; there is no YEAR() and no EXTRACT().",
    "duckdb": "In DuckDB YEAR(day) is a year; days are compared with DATE '2024-01-31', vectors with ARRAY_DISTANCE(one, other).",
    "postgres": "In PostgreSQL EXTRACT(YEAR FROM day) is a year, and every selected column that is not aggregated is in GROUP BY.",
    "mysql": "In MySQL YEAR(day) is a year, and names that are words of SQL stand in backticks.",
}
"""What models get wrong about an engine, in one sentence."""


class ShowsSchema(Operator, abstract=True):
    """Its prompts have the variables `schema`, the tables as text, `engine`, the name of the engine of the row's database, and `notes` on that."""

    needs: ClassVar[tuple[Need, ...]] = ("llm", "database")
    prompt_variables: ClassVar[tuple[str, ...]] = ("schema", "engine", "notes")

    input_db_id = Input(str)

    database: str = Field("database", description="The resource that holds the databases.")
    schema_form: SchemaForm = Field("create", description="CREATE statements, M-Schema, or a line a table.")
    examples: int = Field(3, ge=0, le=20, description="Sample values of each column; 0 keeps the data inside the database.")
    hide: tuple[str, ...] = Field(PERSONAL, description='Columns without sample values, as patterns of names: "*phone*", "customer.*".', repr=False)
    max_schema_tokens: int | None = Field(
        3000, ge=50, description="About how long the schema may be: what matters least for the question is left out."
    )

    async def schema_of(self, database: DatabaseServing, db_id: str) -> Schema:
        """Looked up once for each database, without holding up the other rows.

        Raises:
            RowFailed: there is no such database, or it cannot be asked.
        """
        try:
            return await asyncio.to_thread(database.schema, db_id)
        except DatabaseUnavailable as error:
            raise RowFailed(str(error)) from None

    def shown(self, schema: Schema, question: str = "") -> dict[str, Any]:
        """These variables of the prompt; under `max_schema_tokens` the tables stay that matter for the question, or for the query."""
        text = schema_text(without_values(schema, self.hide), self.schema_form, self.examples, question, self.max_schema_tokens)
        return {"schema": text, "engine": ENGINES[schema.dialect], "notes": NOTES[schema.dialect]}
