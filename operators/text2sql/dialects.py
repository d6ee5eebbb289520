"""Queries in the SQL of another engine."""

from __future__ import annotations

from typing import Final, Literal

import sqlglot
from pydantic import Field
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types

from operators.core.kinds import Generate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.trees import NotSQL, first_line_of, query_tree

DialectName = Literal["sqlite", "duckdb", "postgres", "mysql"]
LIKE_IGNORES_CASE: Final = ("sqlite", "mysql")
WHOLE_DIVISION: Final = ("sqlite", "postgres")
"""Where 5 / 2 is 2. Elsewhere it is 2.5."""


class TranspileSQL(Generate):
    """Write each query in the SQL of another engine. What that engine has no word for is set aside with the reason.

    LIKE becomes ILIKE where only the engine of the query ignores case, and `/` stays the division that it was: a query that divides columns, of which
    it does not say whether they are whole numbers, is set aside where the engines differ. That a query can be written does not say that it runs:
    follow with SQLExecutabilityFilter on a database of that engine.
    """

    asks = ("convert SQL from SQLite to Postgres", "translate queries to another SQL dialect", "same query for MySQL and DuckDB")

    input_sql = Input(str)
    output_sql = Output(str, "transpiled_sql")

    source_dialect: DialectName = Field("sqlite", description="Of the queries.")
    target_dialect: DialectName = Field("postgres", description="To write them in.")
    quote_names: bool = Field(True, description="Put all names in quotes: then they keep their case.")

    def generate(self, sql: str) -> str:
        try:
            tree = query_tree(sql, self.source_dialect).copy()
            if self.source_dialect in LIKE_IGNORES_CASE and self.target_dialect not in LIKE_IGNORES_CASE:
                for like in list(tree.find_all(exp.Like)):
                    like.replace(exp.ILike(this=like.this, expression=like.expression))
            if self.source_dialect in WHOLE_DIVISION and self.target_dialect not in WHOLE_DIVISION:
                _keep_whole_division(tree, self.source_dialect)
            return tree.sql(dialect=self.target_dialect, identify=self.quote_names, unsupported_level=sqlglot.ErrorLevel.RAISE)
        except NotSQL as error:
            raise RowFailed(str(error)) from None
        except (SqlglotError, ValueError, RecursionError) as error:
            raise RowFailed(f"{self.target_dialect} has no word for it: {first_line_of(error)}") from None


def _keep_whole_division(tree: exp.Query, dialect: DialectName) -> None:
    """Raises RowFailed: it is not told whether a division is one of whole numbers."""
    annotate_types(tree, dialect=dialect)
    for division in list(tree.find_all(exp.Div)):
        one, other = division.this, division.expression
        if one.is_type(*exp.DataType.INTEGER_TYPES) and other.is_type(*exp.DataType.INTEGER_TYPES):
            division.replace(exp.IntDiv(this=one, expression=exp.Nullif(this=other, expression=exp.Literal.number(0))))
        elif not _is_real(one) and not _is_real(other):
            shown = division.sql(dialect=dialect)
            raise RowFailed(f"whether {shown} divides whole numbers is not told by the query: write CAST(... AS REAL) / ..., or CAST(... AS INTEGER)")


def _is_real(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Neg | exp.Sum):
        return _is_real(node.this)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        return _is_real(node.this) or _is_real(node.expression)
    return bool(node.is_type(*exp.DataType.REAL_TYPES))
