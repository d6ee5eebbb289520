"""What `Pipeline.compile()` gives: the stages in an order in which they can run, with everything that is known before they do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from operators.core.operator import Need, Operator
from operators.tables.errors import Problem


@dataclass(frozen=True)
class Stage:
    """One operator, bound to columns, between its input tables and its output table."""

    name: str
    operator: Operator
    inputs: tuple[str, ...]
    """Names of the stages or sources that it reads."""
    schemas_in: tuple[pa.Schema, ...]
    schema_out: pa.Schema
    location: str
    """file:line of the call in `forward`."""
    sharded: bool = False
    """Whether it runs on each shard of its input alone, and its table comes in the same shards."""
    gathers: tuple[str, ...] = ()
    """Those of `inputs` that come in shards and are read whole."""

    @property
    def fingerprint(self) -> str:
        """Of this stage alone: what is upstream is not in it."""
        return hashlib.sha256(f"{self.operator.fingerprint()} {' '.join(self.inputs)}".encode()).hexdigest()[:16]

    @property
    def resources(self) -> dict[Need, str]:
        return self.operator.resource_names()

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[str, str]]]:
        """For each column: the (input stage, column) pairs that it comes from; of the real input `tables`, if they are given."""
        lineage = self.operator.column_lineage(*(tables or self.schemas_in))
        return {name: [(self.inputs[table], column) for table, column in origins] for name, origins in lineage.items()}


@dataclass(frozen=True)
class Plan:
    """A compiled pipeline: a DAG of stages."""

    name: str
    description: str
    sources: Mapping[str, pa.Schema]
    stages: tuple[Stage, ...]
    outputs: tuple[str, ...]
    """The stages that `forward` returned."""
    sharded_source: str | None = None
    """The source that is read shard by shard."""
    warnings: tuple[Problem, ...] = ()
    """What is no mistake and costs more than it has to: see `operators.pipeline.wasted_calls`."""

    def __getitem__(self, name: str) -> Stage:
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(f"{self.name} has no stage {name!r}; its stages are {', '.join(stage.name for stage in self.stages)}")

    def is_sharded(self, name: str) -> bool:
        """Whether the table of a stage or source comes in shards."""
        return name == self.sharded_source or any(stage.sharded for stage in self.stages if stage.name == name)

    def downstream(self, name: str) -> list[str]:
        """The stages that depend on a stage or source, in order."""
        reached = {name}
        for stage in self.stages:
            if reached & set(stage.inputs):
                reached.add(stage.name)
        return [stage.name for stage in self.stages if stage.name in reached and stage.name != name]

    def may_be_empty(self, name: str) -> bool:
        """Whether every result can have rows though this stage has none: other branches go on without it."""
        empty = {name}
        for stage in self.stages:
            inputs = set(stage.inputs)
            if inputs <= empty if stage.operator.unites else inputs & empty:
                empty.add(stage.name)
        return empty.isdisjoint(self.outputs)

    def mermaid(self) -> str:
        """The graph as a Mermaid flowchart."""
        lines = ["flowchart LR"]
        lines += [
            f'    {source}[("{source}, in shards")]' if source == self.sharded_source else f"    {source}[({source})]" for source in self.sources
        ]
        for stage in self.stages:
            label = f'"{stage.name}<br/>{stage.operator.name} · {stage.operator.kind}"'
            lines.append(f"    {stage.name}[[{label}]]" if stage.sharded else f"    {stage.name}[{label}]")
        for stage in self.stages:
            lines += [f"    {parent} -->{'|all shards|' if parent in stage.gathers else ''} {stage.name}" for parent in stage.inputs]
        return "\n".join(lines)
