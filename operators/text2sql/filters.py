"""Filters by execution: queries that run, and queries whose answer says something."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Filter
from operators.databases.execution import Execution, NotExecuted, Statement
from operators.databases.serving import DatabaseServing
from operators.engine.batch import Verdict
from operators.tables.columns import Input
from operators.text2sql.agreement import agreement
from operators.text2sql.equivalence import Mode
from operators.text2sql.sampling.sampler import why_dull


class ExecutesSQL(Filter, abstract=True):
    """Runs the query of each row, read-only and within the limits of the database resource, several at once."""

    needs = ("database",)

    input_sql = Input(str)
    input_db_id = Input(str)

    database: str = Field("database", description="The resource that holds the databases.")

    @abstractmethod
    def why_not(self, answer: Execution) -> str:
        """Why a row with this answer is rejected; "" where it is kept."""

    def keep_batch(self, sql: pa.Array, db_id: pa.Array, database: DatabaseServing) -> Verdict:
        statements = [Statement(name, text) for name, text in zip(db_id.to_pylist(), sql.to_pylist(), strict=True)]
        answers = list(database.execute_all(statements))
        reasons = [self.why_not(answer) for answer in answers]
        unknown = [isinstance(answer, NotExecuted) and answer.is_no_fault for answer in answers]
        told = [reason or None for reason in reasons]
        return Verdict(np.array([not reason for reason in reasons], dtype=bool), told, np.array(unknown, dtype=bool))


class SQLExecutabilityFilter(ExecutesSQL):
    """Keep queries that the database answers: one SELECT, WITH or VALUES that does nothing but read, and ends within the limits of the resource.

    A rejected row says which limit it hit, what the engine says, or what of it is not allowed. A row whose database is not there is set aside as
    failed. An answer without rows is an answer: see SQLAnswerFilter.
    """

    asks = ("keep only SQL that actually executes", "drop queries that fail or time out on the database", "throw out SQL that is not read-only")
    covers = ("SQLExecutabilityFilter", "SQLExecutionFilter")

    def why_not(self, answer: Execution) -> str:
        return str(answer) if isinstance(answer, NotExecuted) else ""


class SQLAnswerFilter(ExecutesSQL):
    """Keep queries whose answer says something: rows, not only NULL, not a lone 0, not one row over and over, and not more than anybody looks at."""

    asks = ("remove queries with an empty result", "drop SQL whose answer is trivial or constant", "keep queries that return something useful")

    most_rows: int = Field(2000, ge=1, description="Rows of the longest answer that is kept.")

    def why_not(self, answer: Execution) -> str:
        return why_dull(answer, self.most_rows)


class SQLAgreementFilter(Filter):
    """Keep queries that have the same answer as the gold query: on the database, and on every instance of its test suite where one was built.

    Modes: "spider" (rows as a multiset, columns in any order, rows in order where the gold query orders them), "bird" (rows as a set, columns by
    place) and "strict" (as spider, with the same column names). A row whose gold query does not run, or whose database cannot be asked,
    is set aside as failed.
    """

    source = "Zhong, Yu, Klein 2020, Semantic Evaluation for Text-to-SQL with Distilled Test Suites; Spider and BIRD execution accuracy"
    asks = (
        "keep predictions with the same result as the gold SQL",
        "is this SQL equivalent to the reference query",
        "check predicted queries against a distilled test suite",
    )
    needs = ("database",)

    input_sql = Input(str)
    input_gold_sql = Input(str)
    input_db_id = Input(str)

    database: str = Field("database", description="The resource that holds the databases.")
    mode: Mode = Field("spider", description="What must agree.")
    dialect: Literal["sqlite", "duckdb", "postgres", "mysql"] = Field("sqlite", description="Of the queries.")

    def keep_batch(self, sql: pa.Array, gold_sql: pa.Array, db_id: pa.Array, database: DatabaseServing) -> Verdict:
        rows = zip(db_id.to_pylist(), gold_sql.to_pylist(), sql.to_pylist(), strict=True)
        found = [agreement(database, name, gold, text, self.mode, self.dialect) for name, gold, text in rows]
        reasons = [one.reason or None for one in found]
        return Verdict(np.array([one.everywhere for one in found], dtype=bool), reasons, np.array([one.failed for one in found], dtype=bool))
