"""The pipelines whose tables are in a warehouse: their stages in order, what each did, and the ways of single rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.pipeline.row_story import PARENT_IDS, ROW_ID, Row, Story, tell_story

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from resources.warehouse import Warehouse, WarehouseStorage

MOST_PARENTS = 20
"""Stories of the rows that a row was made from are told up to this many."""


def open_warehouse(root: str | None) -> Warehouse:
    """Of the folder or address, or what DATAFLOW_WAREHOUSE says."""
    from resources.warehouse import Warehouse, warehouse_root

    return Warehouse(root or warehouse_root())


@dataclass(frozen=True)
class StoredStage:
    """A table of a warehouse, with what its run said of itself; of a table in shards, all of them, with what their runs said together."""

    connection: DuckDBPyConnection
    pipeline: str
    name: str
    facts: Mapping[str, Any]
    columns: frozenset[str]
    has_rejected: bool

    @property
    def operator(self) -> str:
        return str(self.facts.get("operator") or "")

    @property
    def inputs(self) -> Sequence[str]:
        return list(self.facts["inputs"])

    @property
    def is_of_the_pipeline(self) -> bool:
        """False for a table that somebody's own asset or script put beside the stages: no stage or source of the pipeline ran to make it."""
        return self.facts.get("fingerprint") is not None

    def find(self, row_id: str) -> Row | None:
        return self._first(self._table(), f"{_quoted(ROW_ID)} = ?", row_id) if ROW_ID in self.columns else None

    def find_rejected(self, row_id: str) -> Row | None:
        if not self.has_rejected:
            return None
        rejected = self._table("__rejected")
        columns = {column[0] for column in self.connection.execute(f"DESCRIBE {rejected}").fetchall()}
        return self._first(rejected, f"{_quoted(ROW_ID)} = ?", row_id) if ROW_ID in columns else None

    def children(self, row_id: str) -> list[str]:
        if not {ROW_ID, PARENT_IDS} <= self.columns:
            return []
        query = f"SELECT {ROW_ID} FROM {self._table()} WHERE list_contains({PARENT_IDS}, ?)"
        return [str(row[0]) for row in self.connection.execute(query, [row_id]).fetchall()]

    def ids_starting_with(self, prefix: str) -> list[str]:
        if ROW_ID not in self.columns:
            return []
        query = f"SELECT DISTINCT {ROW_ID} FROM {self._table()} WHERE starts_with({ROW_ID}, ?) LIMIT 10"
        return [str(row[0]) for row in self.connection.execute(query, [prefix]).fetchall()]

    def first_rejected_id(self) -> str | None:
        """A row that this stage set aside, if there is one."""
        if not self.has_rejected or not self.facts.get("rejected_rows") or not self.inputs:
            return None
        row = self.connection.execute(f"SELECT {ROW_ID} FROM {self._table('__rejected')} LIMIT 1").fetchall()
        return str(row[0][0]) if row else None

    def _table(self, suffix: str = "") -> str:
        return f"{_quoted(self.pipeline)}.{_quoted(self.name + suffix)}"

    def _first(self, table: str, condition: str, value: str) -> Row | None:
        self.connection.execute(f"SELECT * FROM {table} WHERE {condition} LIMIT 1", [value])
        names = [column[0] for column in self.connection.description or []]
        rows = self.connection.fetchall()
        return dict(zip(names, rows[0], strict=True)) if rows else None


@dataclass(frozen=True)
class StoredPipelines:
    """Every pipeline of a warehouse, as its tables are now."""

    root: Path | str
    pipelines: Mapping[str, Sequence[StoredStage]]
    """Name -> stages, each after those that it reads."""

    @staticmethod
    @contextmanager
    def open(root: str | None, *, only: str | None = None) -> Iterator[StoredPipelines]:
        """Read the tables that are current now; of one pipeline where `only` is given. Raises ParameterError if there is none of that name."""
        from resources.warehouse import WarehouseError

        warehouse = open_warehouse(root)
        tables = warehouse.tables()
        with closing(warehouse.connect()) as connection:
            if only is not None:
                tables = _of_pipeline(tables, only, warehouse.root)
            groups = itertools.groupby(tables, key=lambda table: (table.pipeline, table.stage))
            stages = []
            for _, group in groups:
                try:
                    stages.append(_stored(connection, warehouse, list(group)))
                except WarehouseError:
                    if only is not None:
                        raise  # of all pipelines, a damaged table is left out, as the connection has said
            names = sorted({stage.pipeline for stage in stages})
            yield StoredPipelines(warehouse.root, {name: _in_order(stage for stage in stages if stage.pipeline == name) for name in names})

    def ids_starting_with(self, prefix: str) -> list[str]:
        return sorted({row_id for stages in self.pipelines.values() for stage in stages for row_id in stage.ids_starting_with(prefix)})

    def judged_by(self, stories: Iterable[Story]) -> dict[str, dict[str, str]]:
        """Pipeline -> the models that had a part in what the stages of the stories made, each with what has to be known of it."""
        seen = {(story.pipeline, step.stage) for story in stories for step in story.steps}
        found: dict[str, dict[str, str]] = {}
        for pipeline, stages in self.pipelines.items():
            for stage in stages:
                if (pipeline, stage.name) in seen:
                    found.setdefault(pipeline, {}).update(stage.facts.get("judged_by") or {})
        return {pipeline: models for pipeline, models in found.items() if models}

    def stories(self, row_id: str) -> list[Story]:
        """The story of a row in each pipeline that has it, after those of the rows that it was made from."""
        found = []
        for pipeline, stages in self.pipelines.items():
            if (story := tell_story(pipeline, stages, row_id)) is not None:
                found += [*_stories_of_parents(pipeline, stages, story, {row_id}), story]
        return found


def _stories_of_parents(pipeline: str, stages: Sequence[StoredStage], story: Story, told: set[str]) -> list[Story]:
    found: list[Story] = []
    for parent in story.parents:
        if parent in told or len(told) > MOST_PARENTS:
            continue
        told.add(parent)
        if (above := tell_story(pipeline, stages, parent)) is not None:
            found += [*_stories_of_parents(pipeline, stages, above, told), above]
    return found


def _stored(connection: DuckDBPyConnection, warehouse: Warehouse, tables: Sequence[WarehouseStorage]) -> StoredStage:
    """`tables` are one table, or its shards."""
    pipeline, stage, shards = tables[0].pipeline, tables[0].stage, [table.shard for table in tables if table.shard is not None]
    views = "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? AND database_name = 'memory'"
    columns = {row[0] for row in connection.execute(views, [pipeline, stage]).fetchall()}
    rejected = bool(connection.execute(views, [pipeline, f"{stage}__rejected"]).fetchall())
    facts = warehouse.gathered(pipeline, stage, shards).run_facts() if shards else tables[0].run_facts()
    return StoredStage(connection, pipeline, stage, facts, frozenset(columns), rejected)


def _in_order(stages: Iterable[StoredStage]) -> list[StoredStage]:
    by_name = {stage.name: stage for stage in stages}
    order = TopologicalSorter({name: [parent for parent in stage.inputs if parent in by_name] for name, stage in by_name.items()})
    return [by_name[name] for name in order.static_order()]


def _of_pipeline(tables: Sequence[WarehouseStorage], pipeline: str, root: Path | str) -> list[WarehouseStorage]:
    from operators.tables.errors import ParameterError, Problem, closest

    found = [table for table in tables if table.pipeline == pipeline]
    if not found:
        known = sorted({table.pipeline for table in tables})
        listed = ("pipelines", ", ".join(known) or "none yet")
        raise ParameterError([Problem(f'{root} has no tables of a pipeline "{pipeline}"', details=(listed,), suggestion=closest(pipeline, known))])
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
