"""A row of a table as a question about a database, with the query that answers it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import sqlglot
from sqlglot.errors import SqlglotError

from dataflow_assets.running.formats.settings import DatasetSettings
from operators.tables.errors import ParameterError, Problem
from operators.tables.storage import Storage
from operators.text2sql.hardness import hardness
from operators.text2sql.trees import NotSQL

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "db_id": ("db_id",),
    "question": ("question",),
    "query": ("sql", "query", "SQL"),
    "evidence": ("evidence",),
    "difficulty": ("difficulty",),
}
"""Part of a question -> the columns that it is taken from where nothing is said, the first that is there."""
NEEDED: Final = ("db_id", "question", "query")
DIFFICULTY: Final = {"easy": "simple", "medium": "moderate", "hard": "challenging", "extra": "challenging"}
"""Spider's hardness -> BIRD's difficulty, where the table does not say it."""


@dataclass(frozen=True, slots=True)
class Question:
    db_id: str
    question: str
    query: str
    """On one line."""
    evidence: str
    difficulty: str


def question_columns(schema: pa.Schema, settings: DatasetSettings) -> dict[str, str]:
    """Part -> column.

    Raises:
        ParameterError: a column that was named, or one that is needed, is not there.
    """
    listed = (("columns", ", ".join(schema.names)),)
    if problems := [
        Problem(f'export: {part}: there is no column "{column}"', details=listed)
        for part, column in settings.columns.items()
        if column not in schema.names
    ]:
        raise ParameterError(problems)
    found = dict(settings.columns)
    for part, names in PARTS.items():
        if part not in found and (here := [name for name in names if name in schema.names]):
            found[part] = here[0]
    if missing := [part for part in NEEDED if part not in found]:
        what = f"export: {settings.format} needs a db_id, a question and a query; the table has no {' and no '.join(missing)}"
        raise ParameterError([Problem(what, details=listed, suggestion="say which column is what: columns: {query: predicted_sql}")])
    return {part: column for part, column in found.items() if part in PARTS}


def questions(table: Storage, columns: Mapping[str, str]) -> Iterator[Question | None]:
    """One for each row, in order; None for a row of which a part is empty, or whose query cannot stand on one line."""
    for batch in table.batches(list(dict.fromkeys(columns.values()))):
        for row in batch.to_pylist():
            said = {part: str(row[columns[part]] or "").strip() if part in columns else "" for part in PARTS}
            query = on_one_line(said["query"])
            complete = query and said["db_id"] and said["question"]
            yield Question(said["db_id"], said["question"], query, said["evidence"], said["difficulty"] or difficulty_of(query)) if complete else None


def on_one_line(sql: str) -> str:
    """The query as a line of a .sql file holds it; "" where that would change a text in it.

    >>> on_one_line("SELECT a -- the name\\nFROM t;")
    'SELECT a FROM t'
    """
    sql = sql.strip().rstrip(";").rstrip()
    if not re.search(r"[\r\n\t]", sql):
        return sql
    try:
        line: str = sqlglot.transpile(sql, read="sqlite", write="sqlite", comments=False)[0]
    except (SqlglotError, IndexError):
        return ""
    return "" if re.search(r"[\r\n\t]", line) else line


def difficulty_of(query: str) -> str:
    try:
        return DIFFICULTY[hardness(query)]
    except NotSQL:
        return ""
