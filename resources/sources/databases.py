"""Databases as rows: one for each database, or one for each question of a file that lies beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from operators.tables.errors import ParameterError, Problem
from operators.tables.files import FileStorage
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage
from resources.databases import DatabaseSettings, open_databases
from resources.databases.places import is_question_file
from resources.sources.listed import ListedRows

if TYPE_CHECKING:
    from resources.databases.serving import Databases

QUESTIONS: Final = {
    "db_id": ("db_id",),
    "question": ("question",),
    "sql": ("query", "SQL", "sql"),
    "evidence": ("evidence",),
    "difficulty": ("difficulty",),
    "question_id": ("question_id",),
}
"""Column -> what it is called in the files of Spider and BIRD. A file has the first three."""
_NEEDED: Final = ("db_id", "question", "sql")


def database_source(place: str = "") -> Storage:
    """The rows of a place in one line; "" is what the environment says. The databases come with them, for the operators that ask them.

    Raises:
        ParameterError: there is no database, one cannot be found, or its driver is not installed.
    """
    try:
        settings = DatabaseSettings.at(place)
    except ValueError as error:
        raise ParameterError([Problem(str(error), "source")]) from None
    databases = open_databases(settings)
    return QuestionSource(settings.path, databases) if is_question_file(settings.path) else DatabaseSource(databases)


class DatabaseSource(ListedRows):
    """A row for each database, with the column `db_id`."""

    columns = {"db_id": pa.string()}

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    def rows(self) -> Iterator[Mapping[str, Any]]:
        return ({"db_id": name} for name in self._databases.names())

    def resources(self) -> Mapping[str, Any]:
        return {"database": self._databases}


class QuestionSource(FileStorage):
    """A row for each question of a file in the layout of Spider or BIRD: `db_id`, `question`, `sql`, and where the file has them `evidence`,
    `difficulty` and `question_id`. Rows that cannot be read are set aside as with any file.
    """

    def __init__(self, path: str, databases: Databases) -> None:
        super().__init__(path)
        self._databases = databases

    @cached_property
    def _places(self) -> dict[str, str]:
        """Column -> its name in the file. Raises ParameterError: one that is needed is not there."""
        there = super().schema.names
        found = {column: next((name for name in names if name in there), "") for column, names in QUESTIONS.items()}
        if missing := [column for column in _NEEDED if not found[column]]:
            what = f"{self.path} is no file of questions: it has no column {' or '.join(QUESTIONS[missing[0]])}"
            raise ParameterError([Problem(what, "source", (("columns", ", ".join(there)),))])
        return {column: name for column, name in found.items() if name}

    @property
    def schema(self) -> pa.Schema:
        inner = super().schema
        return pa.schema([pa.field(column, inner.field(name).type) for column, name in self._places.items()])

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        wanted = list(self._places if columns is None else columns)
        for batch in super().batches([self._places[name] for name in wanted], size):
            yield batch.rename_columns(wanted)

    def resources(self) -> Mapping[str, Any]:
        return {"database": self._databases}
