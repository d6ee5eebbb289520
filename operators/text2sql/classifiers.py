"""What a query is like, told from its text: its hardness, and the features it is made of. No database is asked."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Literal

from pydantic import Field

from operators.core.kinds import Evaluate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.components import Components, components
from operators.text2sql.hardness import hardness
from operators.text2sql.trees import NotSQL

DialectName = Literal["sqlite", "duckdb", "postgres", "mysql"]


class SQLHardnessClassifier(Evaluate):
    """Say how hard a query is by Spider's rules: easy, medium, hard or extra.

    The same as the official script on every query that it can parse; windows, CTEs, CASE and EXISTS, which it cannot, count by the same idea.
    Words inside names, texts and comments count for nothing. A text that is no query is set aside.
    """

    source = "Spider (Yu et al. 2018), evaluation.py"
    asks = ("how difficult is this SQL", "label queries easy, medium, hard or extra", "Spider hardness of a query")
    covers = ("SQLComponentClassifier",)

    input_sql = Input(str)
    output_hardness = Output(str, "sql_hardness")

    dialect: DialectName = Field("sqlite", description="Of the queries.")

    def evaluate(self, sql: str) -> str:
        try:
            return hardness(sql, self.dialect)
        except NotSQL as error:
            raise RowFailed(str(error)) from None


class SQLComponents(Evaluate):
    """Say what a query is made of: tables, columns, joins, conditions, aggregates, subqueries, CTEs, windows and more, one column each.

    For histograms, for keeping queries of a certain kind, and to see which tables and columns a data set covers. A text that is no query is set
    aside.
    """

    asks = ("which clauses does each query use", "count joins, subqueries and aggregates of SQL", "list the tables and columns that a query reads")

    input_sql = Input(str)
    output_tables = Output(list[str], "sql_tables")
    output_columns_read = Output(list[str], "sql_columns")
    output_functions = Output(list[str], "sql_functions")
    output_joins = Output(int, "sql_joins")
    output_conditions = Output(int, "sql_conditions")
    output_ors = Output(int, "sql_ors")
    output_aggregates = Output(int, "sql_aggregates")
    output_group_by = Output(bool, "sql_group_by")
    output_having = Output(bool, "sql_having")
    output_order_by = Output(bool, "sql_order_by")
    output_limit = Output(bool, "sql_limit")
    output_distinct = Output(bool, "sql_distinct")
    output_set_operations = Output(int, "sql_set_operations")
    output_subqueries = Output(int, "sql_subqueries")
    output_correlated = Output(bool, "sql_correlated")
    output_ctes = Output(int, "sql_ctes")
    output_recursive = Output(bool, "sql_recursive")
    output_windows = Output(int, "sql_windows")
    output_cases = Output(int, "sql_cases")
    output_null_logic = Output(bool, "sql_null_logic")
    output_dates = Output(bool, "sql_dates")
    output_like = Output(bool, "sql_like")
    output_depth = Output(int, "sql_depth")

    dialect: DialectName = Field("sqlite", description="Of the queries.")

    def evaluate(self, sql: str) -> dict[str, Any]:
        try:
            found = components(sql, self.dialect)
        except NotSQL as error:
            raise RowFailed(str(error)) from None
        values = {field.name: _plain(getattr(found, field.name)) for field in fields(Components)}
        return {**values, "columns_read": list(found.columns)}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
