"""What all operators that run SQL share: how much memory and time a statement may take."""

from __future__ import annotations

from pydantic import Field

from operators.core.operator import Operator
from operators.generic.sql.engine import Engine, engine


class RunsSQL(Operator, abstract=True):
    """Runs DuckDB's SQL on the rows that it is handed, in memory."""

    max_memory_mb: int = Field(1024, ge=64, description="Memory of DuckDB, in megabytes; nothing is written to disk.", repr=False)
    seconds: float = Field(60.0, gt=0, le=3600, description="Longest time of a statement on a batch of rows, or on the table.", repr=False)

    def engine(self) -> Engine:
        return engine(self.max_memory_mb)


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
