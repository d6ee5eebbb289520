"""What all operators that run SQL share: how much memory and time a statement may take."""

from __future__ import annotations

import pyarrow as pa
from pydantic import Field

from operators.core.operator import Operator
from operators.generic.sql.running import run


class RunsSQL(Operator, abstract=True):
    """Runs DuckDB's SQL on the rows that it is handed, in a process of its own."""

    max_memory_mb: int = Field(1024, ge=64, description="Memory of a statement, in megabytes.", repr=False)
    seconds: float = Field(60.0, gt=0, le=3600, description="Longest time of a statement on a batch of rows, or on the table.", repr=False)

    def run_query(self, query: str, rows: pa.Table) -> pa.Table:
        """Raises SQLError, and TookTooLong where no other row would fare better."""
        return run(query, rows, self.seconds, self.max_memory_mb)
