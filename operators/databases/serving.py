"""The protocol of databases, as operators see them. Engines and drivers live in `resources.databases`.

An operator that needs one declares `needs = ("database",)` and the field `database: str = "database"`; its function is given the serving as the
argument `database`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from operators.databases.execution import Execution, Statement
from operators.databases.schema import Schema


class DatabaseUnavailable(LookupError):
    """No database has this name, or it cannot be asked. The message says which there are, or what went wrong."""


@runtime_checkable
class DatabaseServing(Protocol):
    """Databases by name, of any engines. Whatever is asked of them, nothing is written, and each answer comes within the limits."""

    def names(self) -> Sequence[str]:
        """All databases, in order."""
        ...

    def instances(self, database: str) -> Sequence[str]:
        """Names of databases with the same tables and other rows, where a test suite was built for this one; they are executed on like any other."""
        ...

    def schema(self, database: str) -> Schema:
        """Its tables with keys, sample values and statistics; looked up once.

        Raises:
            DatabaseUnavailable: no database has this name, or it cannot be opened.
        """
        ...

    def execute(self, database: str, sql: str) -> Execution:
        """What one query comes to. Never raises for what is wrong with the query or the database."""
        ...

    def execute_all(self, statements: Iterable[Statement]) -> Iterator[Execution]:
        """The same for many, several at once; answers in the order of the statements, with bounded memory however many there are."""
        ...

    async def execute_soon(self, database: str, sql: str) -> Execution:
        """The same for operators that wait for a language model meanwhile."""
        ...
