"""Stages that keep no table (`checkpoint=False`): each is done together with the one that reads it, in one pass over the rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from operators.core.sequential import Sequential, of_the_stage, why_not_in_sequence
from operators.pipeline.plan import Stage
from operators.tables.errors import Problem


def needed_tables(pipeline: str, stages: Sequence[Stage], outputs: Collection[str]) -> list[Problem]:
    """A problem for each stage that is to keep no table and has to."""
    return [
        Problem(
            f"checkpoint is false, but {why}",
            f"{pipeline}.{stage.name}",
            (("at", stage.location),),
            "leave out checkpoint, so that the stage keeps its table",
        )
        for stage in stages
        if not stage.operator.checkpoint and (why := _why_needed(stage, stages, outputs))
    ]


def in_one_pass(stages: Sequence[Stage]) -> list[Stage]:
    """The stages as they run: one that keeps no table is the first part of the stage that reads it, whose name and table are those of both.

    What a part counts and sets aside stands in the report and among the rejected rows of that stage, under the name of its operator.
    """
    kept: list[Stage] = []
    waiting: dict[str, Stage] = {}
    for stage in stages:
        first = waiting.pop(stage.inputs[0], None) if stage.inputs else None
        together = stage if first is None else _together(first, stage)
        if stage.operator.checkpoint:
            kept.append(together)
        else:
            waiting[stage.name] = together
    return kept


def _together(first: Stage, second: Stage) -> Stage:
    allowed = max(first.operator.max_failed, second.operator.max_failed)
    parts = tuple(operator.model_copy(update=of_the_stage(operator)) for operator in (first.operator, second.operator))
    operator = Sequential(parts=parts, max_failed=allowed)
    return replace(first, name=second.name, operator=operator, schema_out=second.schema_out, location=second.location)


def _why_needed(stage: Stage, stages: Sequence[Stage], outputs: Collection[str]) -> str | None:
    if stage.name in outputs:
        return "its table is what forward returns"
    readers = [other for other in stages if stage.name in other.inputs]
    if len(readers) != 1:
        return f"its table is read by {' and '.join(reader.name for reader in readers) or 'no stage'}"
    if why := why_not_in_sequence(stage.operator):
        return f"{stage.operator.name} {why}"
    (reader,) = readers
    if stage.name in reader.gathers:
        return f"{reader.name} reads the tables of all its shards"
    if why := why_not_in_sequence(reader.operator):
        return f"{reader.name}, which reads its table, {why}"
    return None
