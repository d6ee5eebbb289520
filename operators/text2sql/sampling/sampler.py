"""Drawing queries until there are as many of each hardness as were asked for, and keeping those whose answers say something."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot.errors import SqlglotError

from operators.databases.execution import Execution, NotExecuted, Rows, Statement
from operators.databases.schema import Dialect, Schema
from operators.databases.serving import DatabaseServing
from operators.text2sql.hardness import LEVELS, Hardness, hardness
from operators.text2sql.sampling import advanced, joined, nested, one_table
from operators.text2sql.sampling.drawing import CannotDraw, Draws
from operators.text2sql.sampling.graph import graph_of
from operators.text2sql.sampling.template import TEMPLATES, Template
from operators.text2sql.sampling.ties import ties
from operators.text2sql.trees import NotSQL

MODULES: Final = (one_table, joined, nested, advanced)
"""Where the templates are."""
EVEN: Final[Mapping[str, float]] = {"easy": 0.25, "medium": 0.25, "hard": 0.25, "extra": 0.25}
AT_ONCE: Final = 64
TRIES_FOR_EACH: Final = 200
"""Drawn at most for each query asked for: small schemas do not hold as many different ones as somebody may ask for."""
MOST_ROWS: Final = 2000
"""Longer answers are no answers to a question that somebody would ask."""


@dataclass(frozen=True, slots=True)
class SampledQuery:
    sql: str
    """In the SQL of the database."""
    question: str
    template: str
    hardness: Hardness
    rows: int
    """Of its answer."""


def sample_queries(
    databases: DatabaseServing, database: str, count: int, mix: Mapping[str, float] | None = None, seed: int = 0
) -> Iterator[SampledQuery]:
    """Different queries on one database, each of which runs and has an answer that says something; the same ones for the same seed and data.

    Args:
        count: how many; fewer come where the schema does not hold so many of the hardness asked for.
        mix: hardness -> share. Even where not given.
    """
    schema = databases.schema(database)
    wanted = shares(count, mix or EVEN)
    drawing = _Drawing(schema, seed)
    tries = TRIES_FOR_EACH * count
    while sum(wanted.values()) and tries > 0:
        drawn: list[tuple[str, str, str, Hardness]] = []
        while len(drawn) < AT_ONCE and tries > 0:
            tries -= 1
            one = drawing.draw(wanted)
            if one is not None:
                drawn.append(one)
        answers = databases.execute_all([Statement(database, sql) for sql, _, _, _ in drawn])
        good = [(one, answer) for one, answer in zip(drawn, answers, strict=True) if not why_dull(answer)]
        tied = ties([sql for (sql, _, _, _), _ in good], database, databases, schema.dialect)
        for ((sql, question, template, level), answer), is_tied in zip(good, tied, strict=True):
            if wanted[level] and not is_tied:
                wanted[level] -= 1
                assert isinstance(answer, Rows)
                yield SampledQuery(sql, question, template, level, len(answer.rows))


def shares(count: int, mix: Mapping[str, float]) -> dict[Hardness, int]:
    """How many of each hardness, in all exactly `count`.

    >>> shares(10, {"easy": 1, "hard": 2})
    {'easy': 3, 'medium': 0, 'hard': 7, 'extra': 0}
    """
    total = sum(mix.values())
    exact = {level: count * mix.get(level, 0.0) / total for level in LEVELS}
    whole = {level: int(number) for level, number in exact.items()}
    left = sorted(LEVELS, key=lambda level: whole[level] - exact[level])
    for level in left[: count - sum(whole.values())]:
        whole[level] += 1
    return whole


def why_dull(answer: Execution, most_rows: int = MOST_ROWS) -> str:
    """Why an answer says nothing; "" where it does: it is there, not empty, not only nulls, not a lone 0, and not one value over and over."""
    if isinstance(answer, NotExecuted):
        return str(answer)
    if not answer.rows:
        return "the answer is empty"
    if all(value is None for row in answer.rows for value in row):
        return "the answer holds nothing but NULL"
    if answer.rows == ((0,),):
        return "the answer is 0"
    if len(answer.rows) > most_rows:
        return f"the answer has {len(answer.rows):,} rows"
    if len(answer.rows) > 2 and len(set(map(repr, answer.rows))) == 1:
        return f"the answer is one row, {len(answer.rows):,} times"
    return ""


class _Drawing:
    """Candidates that were not drawn before, of the hardness that is still wanted."""

    def __init__(self, schema: Schema, seed: int) -> None:
        self._dialect: Dialect = schema.dialect
        self._random = random.Random(f"{seed} {schema.name}")
        self._draws = Draws(graph_of(schema), self._random)
        self._seen: set[str] = set()
        self._levels: dict[str, Counter[Hardness]] = {name: Counter() for name in TEMPLATES}
        self._failed: Counter[str] = Counter()
        """How often the schema had nothing for a template: such a one is tried less and less."""
        self._drawn: Counter[str] = Counter()
        self._templates: list[Template] = [one for one in TEMPLATES.values() if not one.dialects or schema.dialect in one.dialects]

    def draw(self, wanted: Mapping[Hardness, int]) -> tuple[str, str, str, Hardness] | None:
        template = self._random.choices(self._templates, [self._weight(one.name, wanted) for one in self._templates])[0]
        levels = self._levels[template.name]
        try:
            sql, question = template.draw(self._draws)
            level = hardness(sql)
            sql = in_dialect(sql, self._dialect)
        except (CannotDraw, NotSQL, SqlglotError):
            self._failed[template.name] += 1
            return None
        levels[level] += 1
        if sql in self._seen or not wanted[level]:
            return None
        self._seen.add(sql)
        self._drawn[template.name] += 1
        return sql, question[0].upper() + question[1:], template.name, level

    def _weight(self, name: str, wanted: Mapping[Hardness, int]) -> float:
        """How likely a query of this template is of a hardness that is wanted, as far as was seen."""
        levels = self._levels[name]
        drawn = sum(levels.values())
        missing = sum(wanted.values())
        fitting = sum(number * wanted[level] for level, number in levels.items()) / missing
        likely: float = (1 + fitting) / (2 + drawn + self._failed[name]) / (1 + self._drawn[name]) ** 1.2
        return likely


def in_dialect(sql: str, dialect: Dialect) -> str:
    """A query of a template in the SQL of an engine. Raises SqlglotError."""
    if dialect == "sqlite":
        return sql
    return sqlglot.transpile(sql, read="sqlite", write=dialect, identify=dialect == "postgres", unsupported_level=sqlglot.ErrorLevel.RAISE)[0]


def templates() -> Sequence[str]:
    """The names of all templates."""
    return list(TEMPLATES)
