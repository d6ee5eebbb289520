"""A pipeline as its current tables tell of it: the stages in order, each with what is known of its run and its rows."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, TypeAlias

from operators.tables.errors import ParameterError, Problem, closest
from resources.warehouse import GatheredStorage, VersionStorage, Warehouse, WarehouseStorage

Current: TypeAlias = VersionStorage | GatheredStorage


@dataclass(frozen=True)
class StoredTable:
    """The current table of a stage or source; of one in shards, all of them."""

    name: str
    rows: Current
    facts: Mapping[str, Any]

    @property
    def rejected(self) -> Current:
        return self.rows.rejected()

    @property
    def inputs(self) -> Sequence[str]:
        return list(self.facts["inputs"])

    @property
    def operator(self) -> str:
        return str(self.facts.get("operator") or "")

    @property
    def kind(self) -> str:
        return str(self.facts.get("kind") or "")


def stored_tables(warehouse: Warehouse, pipeline: str) -> list[StoredTable]:
    """Those that the pipeline made, each after those that it reads; what somebody put beside them is left out.

    Raises:
        ParameterError: there are none.
    """
    tables = warehouse.tables()
    groups = itertools.groupby((table for table in tables if table.pipeline == pipeline), key=lambda table: table.stage)
    found = {name: _stored(warehouse, name, list(group)) for name, group in groups}
    found = {name: table for name, table in found.items() if table.facts.get("fingerprint") is not None}
    if not found:
        known = sorted({table.pipeline for table in tables})
        listed = ("pipelines", ", ".join(known) or "none yet")
        said = f'{warehouse.root} has no tables of a pipeline "{pipeline}"'
        raise ParameterError([Problem(said, details=(listed,), suggestion=closest(pipeline, known))])
    order = TopologicalSorter({name: [parent for parent in table.inputs if parent in found] for name, table in found.items()})
    return [found[name] for name in order.static_order()]


def results_of(tables: Sequence[StoredTable]) -> list[StoredTable]:
    """The tables that no other stage reads: what the pipeline makes."""
    read = {parent for table in tables for parent in table.inputs}
    return [table for table in tables if table.name not in read]


def made_of(tables: Sequence[StoredTable], results: Collection[str]) -> list[StoredTable]:
    """The results and all that they were made of; not what is left of stages that the pipeline has no more."""
    wanted = set(results)
    for table in reversed(tables):  # each after those that it reads
        wanted |= {*table.inputs} if table.name in wanted else set()
    return [table for table in tables if table.name in wanted]


def _stored(warehouse: Warehouse, name: str, tables: Sequence[WarehouseStorage]) -> StoredTable:
    shards = [table.shard for table in tables if table.shard is not None]
    rows: Current = warehouse.gathered(tables[0].pipeline, name, shards) if shards else tables[0].current()
    return StoredTable(name, rows, rows.run_facts())
