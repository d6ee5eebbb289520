"""Filters that stand after a stage that asks a language model and could stand before it: what they reject was paid for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from operators.core.operator import Operator
from operators.core.sequential import Sequential
from operators.pipeline.plan import Stage
from operators.tables.errors import Problem


def wasted_calls(pipeline: str, stages: Sequence[Stage], outputs: Collection[str]) -> list[Problem]:
    """A warning for each such filter, or part of a `Sequential`, with the first stage that it could stand before.

    It could where it asks no model itself, and reads no column that is made or rewritten from there on; where each table between has one reader; and,
    for filters of whole tables, where the rows between stay the same.
    """
    by_name = {stage.name: stage for stage in stages}
    readers = Counter(name for stage in stages for name in stage.inputs)
    read_once = {name for name, count in readers.items() if count == 1 and name not in outputs}
    return [
        _warning(pipeline, stage, part, paid)
        for stage in stages
        for part in _filters_in(stage)
        if (paid := _could_stand_before(part, stage, by_name, read_once)) is not None
    ]


def _filters_in(stage: Stage) -> Iterator[Operator]:
    """The filters that decide on what the stage is given: not those on what another part of it makes."""
    if "llm" in stage.resources:
        return
    changed: set[str] = set()
    for part in stage.operator.parts if isinstance(stage.operator, Sequential) else (stage.operator,):
        if part.kind == "filter" and not changed & set(part.input_columns().values()):
            yield part
        changed |= part.rewritten_columns() | set(part.output_columns().values())


def _could_stand_before(part: Operator, stage: Stage, by_name: Mapping[str, Stage], read_once: Collection[str]) -> Stage | None:
    """The first paid stage of those that the filter could stand before."""
    reads = set(part.input_columns().values())
    found: Stage | None = None
    at = stage
    while len(at.inputs) == 1 and at.inputs[0] in read_once and at.inputs[0] in by_name:
        at = by_name[at.inputs[0]]
        if len(at.schemas_in) != 1 or at.operator.adds_rows or at.gathers or stage.sharded != at.sharded:
            break
        made = set(at.schema_out.names) - set(at.schemas_in[0].names)
        if reads & (made | at.operator.rewritten_columns()) or not reads <= set(at.schemas_in[0].names):
            break
        if part.scope == "table" and at.operator.kind == "filter":
            break
        if "llm" in at.resources:
            found = at
    return found


def _warning(pipeline: str, stage: Stage, part: Operator, paid: Stage) -> Problem:
    named = part.name if part is stage.operator else f"{part.name}, a part of it,"
    message = (
        f'{named} needs no language model and reads nothing that "{paid.name}" makes, but stands after it: the rows that it rejects are paid for'
    )
    return Problem(message, f"{pipeline}.{stage.name}", (("at", stage.location),), f'put it before "{paid.name}" ({paid.operator.name})')
