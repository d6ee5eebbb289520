"""Building the test suite of a database: rows are drawn until near misses are told apart, and what tells is kept."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from sqlglot import exp

from operators.databases.execution import Execution, NotExecuted, Statement
from operators.databases.schema import Schema
from operators.text2sql.equivalence import Mode, orders_rows, same_answer
from operators.text2sql.proofs import mean_the_same
from operators.text2sql.trees import NotSQL, query_tree
from resources.databases.fuzzing import OF_COUNTS, write_instance
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.target import Target

Pair: TypeAlias = tuple[str, str]
"""A query, and a near miss of it."""
AT_ONCE: Final = 8
"""Instances that are drawn before any of them is kept: of these, the best are."""


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """How many pairs of a query and its near miss are told apart."""

    pairs: int
    by_the_database: int
    """By the rows that the database has."""
    by_the_suite: int
    """By the database or an instance."""
    instances: int
    tried: int
    left: Sequence[Pair] = ()
    """The pairs that neither tells apart."""
    proven: int = 0
    """Near misses that provably mean what their query means, by the declared keys (operators.text2sql.proofs). They are among none of the others."""


def build_suite(
    databases: Databases,
    database: str,
    near_misses: Mapping[str, Sequence[str]],
    folder: Path,
    most_instances: int = 24,
    most_tried: int = 160,
    seed: int = 0,
    mode: Mode = "spider",
) -> SuiteReport:
    """Write instances into `folder`, which is replaced.

    Args:
        near_misses: query -> queries that are nearly the same (operators.text2sql.mutants), in the SQL of the database, which is SQLite's.
        most_instances: in the suite.
        most_tried: drawn before it is left at that: some near misses mean the same, and nothing tells them apart.
        seed: other seeds draw other rows.
    """
    pairs = [(gold, other) for gold, others in near_misses.items() for other in others]
    schema = databases.schema(database)
    literals = literals_of([*near_misses, *(other for _, other in pairs)], schema)
    left = set(_alike(databases, database, pairs, mode))
    proven = {pair for pair in left if mean_the_same(*pair, schema)}
    left -= proven
    asked = len(pairs) - len(proven)
    by_the_database = asked - len(left)
    kept: list[Path] = []
    tried = 0
    with tempfile.TemporaryDirectory(prefix="dataflow-suite-") as scratch:
        while left and tried < most_tried and len(kept) < most_instances:
            drawn = {f"{seed}-{number}": Path(scratch) / f"{number}.sqlite" for number in range(tried, tried + AT_ONCE)}
            for place, path in enumerate(drawn.values()):
                write_instance(schema, literals, seed * 100_000 + tried + place, path)
            tried += AT_ONCE
            told = _told_apart(drawn, sorted(left), mode, databases.settings)
            while told and len(kept) < most_instances:
                best = max(told, key=lambda name: (len(told[name] & left), name))
                if not (news := told.pop(best) & left):
                    break
                left -= news
                kept.append(drawn[best])
        _publish(kept, folder)
    return SuiteReport(asked, by_the_database, asked - len(left), len(kept), tried, sorted(left), len(proven))


def _told_apart(
    instances: Mapping[str, Path], pairs: Sequence[tuple[str, str]], mode: Mode, settings: DatabaseSettings
) -> dict[str, set[tuple[str, str]]]:
    targets = {name: Target(name, "sqlite", path=str(path)) for name, path in instances.items()}
    with Databases(targets, settings.model_copy(update={"look_rows": 0})) as opened:
        return {name: set(pairs) - set(_alike(opened, name, pairs, mode)) for name in targets}


def _alike(databases: Databases, database: str, pairs: Sequence[Pair], mode: Mode) -> Iterator[Pair]:
    """The pairs whose answers are the same there; also those whose query fails, for that tells nothing of what its near miss means."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    answers: dict[str, Execution] = dict(zip(texts, databases.execute_all(Statement(database, text) for text in texts), strict=True))
    for gold, other in pairs:
        one, two = answers[gold], answers[other]
        if isinstance(one, NotExecuted) or same_answer(one, two, mode, orders_rows(gold)):
            yield gold, other


def _publish(kept: Sequence[Path], folder: Path) -> None:
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    for number, path in enumerate(kept, 1):
        shutil.copyfile(path, made / f"{number:04}.sqlite")
    made.chmod(0o755)
    if folder.exists():
        shutil.rmtree(folder)
    made.rename(folder)


def literals_of(queries: Sequence[str], schema: Schema) -> dict[str, set[Any]]:
    """Column in lower case -> the values that queries compare it, or what points to it, with; under OF_COUNTS those of COUNT."""
    found: defaultdict[str, set[Any]] = defaultdict(set)
    for sql in queries:
        try:
            tree = query_tree(sql, schema.dialect)
        except NotSQL:
            continue
        for literal in tree.find_all(exp.Literal):
            place = literal.find_ancestor(exp.Predicate, exp.In, exp.Between, exp.Like)
            if place is None:
                continue
            value: Any = literal.name if literal.is_string else _number(literal.name)
            if isinstance(place.this, exp.Count) and isinstance(value, int):
                found[OF_COUNTS].add(value)
            for column in place.find_all(exp.Column):
                found[column.name.lower()].add(value)
                if isinstance(value, str) and value.isdigit() and len(value) == 4:  # a year, of a day
                    found[column.name.lower()].add(f"{value}-06-15")
    for table in schema.tables:
        for key in table.foreign_keys:  # a row points only to what is there
            for mine, theirs in zip(key.columns, key.other_columns, strict=True):
                found[theirs.lower()] |= found.get(mine.lower(), set())
    return dict(found)


def _number(text: str) -> int | float:
    return float(text) if any(mark in text for mark in ".eE") else int(text)
