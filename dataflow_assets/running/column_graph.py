"""Which column is made of which, through the stages of pipelines, and from one pipeline to the next where it reads a file that the other wrote."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dataflow_assets.running.export_record import written_files
from resources.warehouse import Warehouse

Steps = list[tuple[int, str]]
"""(How many stages away, column), nearest first."""


@dataclass
class ColumnGraph:
    """Columns are named "pipeline.stage.column"."""

    columns: dict[str, str] = field(default_factory=dict)
    """Column -> the operator that made its table."""
    parents: dict[str, list[str]] = field(default_factory=dict)

    @staticmethod
    def of(warehouse: Warehouse) -> ColumnGraph:
        """As the current tables were made."""
        graph, written = ColumnGraph(), written_files(warehouse)
        for (pipeline, stage), group in itertools.groupby(warehouse.tables(), key=lambda table: (table.pipeline, table.stage)):
            table = next(iter(group))  # shards are made in one way
            facts, names = table.run_facts(), table.schema.names
            from_file = [owner for path, owner in written.items() if fnmatch.fnmatch(path, facts.get("read_from") or "")]
            lineage = facts.get("lineage") or {}
            for name in names:
                column = f"{pipeline}.{stage}.{name}"
                graph.columns[column] = str(facts.get("operator") or "not made by a pipeline")
                made_of = [f"{pipeline}.{parent}.{origin}" for parent, origin in lineage.get(name, ())]
                graph.parents[column] = made_of + [f"{owner}.{name}" for owner in from_file]
        return graph

    def from_of(self, column: str) -> Steps:
        """Everything that it is made of."""
        return self._walk(column, self.parents)

    def to_of(self, column: str) -> Steps:
        """Everything that is made of it."""
        children: dict[str, list[str]] = {}
        for child, parents in self.parents.items():
            for parent in parents:
                children.setdefault(parent, []).append(child)
        return self._walk(column, children)

    def _walk(self, start: str, neighbours: Mapping[str, Iterable[str]]) -> Steps:
        found: dict[str, int] = {}
        border, depth = [start], 0
        while border:
            depth += 1
            reached = dict.fromkeys(other for column in border for other in neighbours.get(column, ()) if other in self.columns)
            border = [column for column in reached if column not in found and column != start]
            found |= dict.fromkeys(border, depth)
        return [(steps, column) for column, steps in found.items()]
