"""Queries in the SQL of another engine."""

from __future__ import annotations

from typing import Literal

import sqlglot
from pydantic import Field
from sqlglot.errors import SqlglotError

from operators.core.kinds import Generate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.trees import NotSQL, first_line_of, query_tree

DialectName = Literal["sqlite", "duckdb", "postgres", "mysql"]


class TranspileSQL(Generate):
    """Write each query in the SQL of another engine. What that engine has no word for is set aside with the reason.

    That a query can be written does not say that it runs: follow with SQLExecutabilityFilter on a database of that engine.
    """

    asks = ("convert SQL from SQLite to Postgres", "translate queries to another SQL dialect", "same query for MySQL and DuckDB")

    input_sql = Input(str)
    output_sql = Output(str, "transpiled_sql")

    source_dialect: DialectName = Field("sqlite", description="Of the queries.")
    target_dialect: DialectName = Field("postgres", description="To write them in.")
    quote_names: bool = Field(True, description="Put all names in quotes: then they keep their case.")

    def generate(self, sql: str) -> str:
        try:
            query_tree(sql, self.source_dialect)
            raises = sqlglot.ErrorLevel.RAISE
            return sqlglot.transpile(sql, read=self.source_dialect, write=self.target_dialect, identify=self.quote_names, unsupported_level=raises)[0]
        except NotSQL as error:
            raise RowFailed(str(error)) from None
        except (SqlglotError, ValueError, RecursionError) as error:
            raise RowFailed(f"{self.target_dialect} has no word for it: {first_line_of(error)}") from None
