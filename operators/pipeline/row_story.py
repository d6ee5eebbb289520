"""A row's way through a pipeline, stage by stage: what each stage made of it, where it came from, where it was dropped and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeAlias

Row: TypeAlias = dict[str, Any]
Event: TypeAlias = Literal["read", "kept", "changed", "made", "dropped", "failed", "not there"]

ROW_ID = "row_id"
PARENT_IDS = "parent_ids"
SHOWN_CHARACTERS = 70
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
    """What one stage did to the row. `changes` are (column, old, new); old is None for a column made here, or taken from another branch."""

    stage: str
    operator: str
    event: Event
    reason: str = ""
    changes: tuple[tuple[str, Any, Any], ...] = ()
    children: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Where branches meet: the inputs of the stage that had the row."""
    taken: tuple[tuple[str, str], ...] = ()
    """Changed columns that another input than the first had already -> that input."""


@dataclass(slots=True, repr=False)
class Story:
    """All steps of one row in one pipeline, and the rows that it was made from."""

    pipeline: str
    row_id: str
    parents: tuple[str, ...] = ()
    steps: list[Step] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.pipeline}  {self.row_id}", *([f"made from {', '.join(self.parents)}"] if self.parents else [])]
        width = max((len(step.stage) for step in self.steps), default=0)
        for step in self.steps:
            made = f": {', '.join(step.children)}" if step.children else ""
            lines.append(f"  {step.stage:<{width}}  {step.event}{_said(step)}{made}")
            lines += [f"    {name}: {_short(new) if old is None else f'{_short(old)} → {_short(new)}'}" for name, old, new in step.changes]
        return "\n".join(lines)

    __repr__ = __str__

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
                    **({"from": list(step.sources)} if step.sources else {}),
                    **({"taken": dict(step.taken)} if step.taken else {}),
                }
                for step in self.steps
            ],
        }


def _said(step: Step) -> str:
    if step.event in ("dropped", "failed"):
        return f" by {step.operator}: {step.reason.removeprefix(f'{step.operator}: ')}"
    return f": {step.reason}" if step.reason else ""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def tell_story(pipeline: str, stages: Sequence[StageTables], row_id: str) -> Story | None:
    """The story of a row in a pipeline whose stages are in order; None if no stage ever had it."""
    story = Story(pipeline, row_id)
    held: dict[str, Row] = {}
    for stage in stages:
        before = {name: held[name] for name in stage.inputs if name in held}
        row = stage.find(row_id)
        if row is not None:
            story.parents = story.parents or tuple(row.get(PARENT_IDS) or ())
            held[stage.name] = row
        step = _arrival(stage, before, row) if row is not None else _departure(stage, before, row_id)
        if step is not None:
            story.steps.append(replace(step, sources=tuple(before)) if len(stage.inputs) > 1 else step)
    return story if story.steps else None


def _arrival(stage: StageTables, before: Mapping[str, Row], row: Row) -> Step:
    if not before:
        event: Event = "made" if stage.inputs else "read"
        return Step(
            stage.name, stage.operator, event, changes=tuple((name, None, value) for name, value in row.items() if name not in (ROW_ID, PARENT_IDS))
        )
    first, *others = before
    changes = tuple(_changes(before[first], row))
    taken = tuple((column, name) for column, _, new in changes for name in others if column in before[name] and before[name][column] == new)
    return Step(stage.name, stage.operator, "changed" if changes else "kept", changes=changes, taken=taken)


def _departure(stage: StageTables, before: Mapping[str, Row], row_id: str) -> Step | None:
    """What a stage says of a row that is not in its table; None where nothing was to be expected."""
    rejected = stage.find_rejected(row_id)
    if rejected is not None:
        return _rejection(stage, rejected)
    if not before:
        return None
    children = tuple(stage.children(row_id))
    reason = "" if children else "no row of the stage names it: the stage has not run since the row came in, or made nothing of it"
    return Step(stage.name, stage.operator, "made" if children else "not there", reason, children=children)


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
