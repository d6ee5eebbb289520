"""A row's way through a pipeline, stage by stage: what each stage made of it, where it came from, where it was dropped and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

Row: TypeAlias = dict[str, Any]
Event: TypeAlias = Literal["read", "kept", "changed", "made", "dropped", "failed", "not there"]

ROW_ID = "row_id"
PARENT_IDS = "parent_ids"
REJECTED_COLUMNS = ("rejected_as", "rejected_by", "rejected_reason")


class StageTables(Protocol):
    """The tables of one stage (or source), as far as one row is concerned."""

    @property
    def name(self) -> str: ...

    @property
    def operator(self) -> str: ...

    @property
    def inputs(self) -> Sequence[str]:
        """Names of the stages that it read; none for a source."""
        ...

    def find(self, row_id: str) -> Row | None: ...

    def find_rejected(self, row_id: str) -> Row | None: ...

    def children(self, row_id: str) -> list[str]:
        """Ids of the rows that name this one in `parent_ids`."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """What one stage did to the row. `changes` are (column, old, new); old is None for a column made here."""

    stage: str
    operator: str
    event: Event
    reason: str = ""
    changes: tuple[tuple[str, Any, Any], ...] = ()
    children: tuple[str, ...] = ()


@dataclass(slots=True)
class Story:
    """All steps of one row in one pipeline, and the rows that it was made from."""

    pipeline: str
    row_id: str
    parents: tuple[str, ...] = ()
    steps: list[Step] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "pipeline": self.pipeline,
            "row_id": self.row_id,
            "parent_ids": list(self.parents),
            "steps": [
                {
                    "stage": step.stage,
                    "operator": step.operator,
                    "event": step.event,
                    **({"reason": step.reason} if step.reason else {}),
                    "changes": [{"column": name, "old": old, "new": new} for name, old, new in step.changes],
                    **({"children": list(step.children)} if step.children else {}),
                }
                for step in self.steps
            ],
        }


def tell_story(pipeline: str, stages: Sequence[StageTables], row_id: str) -> Story | None:
    """The story of a row in a pipeline whose stages are in order; None if no stage ever had it."""
    story = Story(pipeline, row_id)
    held: dict[str, Row] = {}
    for stage in stages:
        before = _before(stage, held)
        row = stage.find(row_id)
        if row is not None:
            story.parents = story.parents or tuple(row.get(PARENT_IDS) or ())
            held[stage.name] = row
            story.steps.append(_arrival(stage, before, row))
            continue
        rejected = stage.find_rejected(row_id)
        if rejected is not None:
            story.steps.append(_rejection(stage, rejected))
        elif before is not None:
            children = tuple(stage.children(row_id))
            reason = "" if children else "no row of the stage names it: the stage has not run since the row came in, or made nothing of it"
            story.steps.append(Step(stage.name, stage.operator, "made" if children else "not there", reason, children=children))
    return story if story.steps else None


def _before(stage: StageTables, held: Mapping[str, Row]) -> Row | None:
    """The row as it came into the stage, from the first of its inputs that has it."""
    return next((held[name] for name in stage.inputs if name in held), None)


def _arrival(stage: StageTables, before: Row | None, row: Row) -> Step:
    if before is None:
        event: Event = "made" if stage.inputs else "read"
        return Step(
            stage.name, stage.operator, event, changes=tuple((name, None, value) for name, value in row.items() if name not in (ROW_ID, PARENT_IDS))
        )
    changes = tuple(_changes(before, row))
    return Step(stage.name, stage.operator, "changed" if changes else "kept", changes=changes)


def _changes(before: Row, after: Row) -> Iterator[tuple[str, Any, Any]]:
    for name, value in after.items():
        if name in (ROW_ID, PARENT_IDS):
            continue
        if name not in before or before[name] != value:
            yield name, before.get(name), value


def _rejection(stage: StageTables, rejected: Row) -> Step:
    failed = rejected.get("rejected_as") == "failed"
    by, reason = rejected.get("rejected_by"), str(rejected.get("rejected_reason") or "")
    return Step(stage.name, str(by or stage.operator), "failed" if failed else "dropped", reason)
