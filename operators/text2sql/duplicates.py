"""Equal queries: one stays."""

from __future__ import annotations

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from operators.bases.exact_duplicates import DeduplicatesExactly
from operators.tables.columns import Input
from operators.text2sql.trees import NotSQL, query_tree


class ExactSQLDedup(DeduplicatesExactly):
    """Keep one of several queries on one database that are the same but for spaces, comments and the case of names and keywords.

    `keep` says which stays: the first, the last, the longest, or that with the highest or lowest number in the column `input_score`.
    """

    asks = ("remove repeated SQL", "same query written with other spaces", "distinct queries for each database")
    covers: ClassVar[tuple[str, ...]] = ()

    input_text = Input(str, "sql")
    input_db_id = Input(str, optional=True, nulls="pass")

    dialect: Literal["sqlite", "duckdb", "postgres", "mysql"] = Field("sqlite", description="Of the queries.")

    def texts_of(self, rows: pa.RecordBatch) -> pa.Array:
        databases = rows.column("db_id").to_pylist() if "db_id" in rows.schema.names else [""] * rows.num_rows
        texts = rows.column("text").to_pylist()
        return pa.array([f"{self._normal(text)}\0{database or ''}" for text, database in zip(texts, databases, strict=True)], pa.large_string())

    def _normal(self, sql: str) -> str:
        try:
            return query_tree(sql, self.dialect).sql(dialect=self.dialect, normalize=True, comments=False)
        except NotSQL:
            return sql
