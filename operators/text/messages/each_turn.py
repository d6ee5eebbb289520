"""Any row by row filter or refiner, on the turns of conversations."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import Field, SerializeAsAny, field_validator

from operators.bases.exact_json import parsed_json, written_json
from operators.bases.messages.column import ReadsMessages
from operators.bases.messages.reading import raw_turns, read_turns, text_pieces
from operators.bases.messages.turns import NotMessages
from operators.core.operator import Need, Operator
from operators.core.sequential import Sequential
from operators.engine.batch import Batch, Outcome, Processed, Rejection
from operators.engine.calls import column_of
from operators.engine.step import Kind
from operators.tables.errors import Problem
from operators.tables.types import ROW_ID

_MADE: Final = ("text", "instruction", "input", "output", "role", "turn")
"""The columns that a part sees of a turn. "text" and "output" are what it says, "instruction" what the user said last before it, and "input" what was
said before that."""
_LONGEST_BEFORE: Final = 4000
"""Characters of system messages, and of the turns after them: the first and the last. So that the time grows with the length of a conversation."""
_FILTERS, _REFINERS = "filter", "refine"

Role = Literal["system", "user", "assistant", "tool"]


class _Said(NamedTuple):
    """A turn that is judged, or a text that is rewritten."""

    row: int
    turn: int
    role: str
    text: str
    asked: str | None
    before: str | None


class EachTurn(ReadsMessages):
    """Do to the turns of conversations what row by row operators do to texts: `EachTurn(LanguageFilter(keep=("en",)), roles=("assistant",))`.

    Of filters, a conversation stays where every turn of the chosen roles passes (or, with `keep="any"`, one of them); the reason names the turn. Of
    refiners, the texts of these turns are rewritten, and the shape of the column stays as it was. The parts read each turn as a row with the columns
    text, role and turn, output (the same text), instruction (the user's turn before it) and input (what was said before that: the system messages,
    and the last turns), and with the other columns of the conversation.
    """

    asks = (
        "apply a text filter to assistant messages only",
        "run cleaning over every turn of a chat",
        "filter conversations by what the user says",
        "refine message contents in place",
    )
    example: ClassVar[Mapping[str, Any]] = {"parts": ({"operator": "ScoreFilter", "min": 1, "columns": {"input_score": "turn"}},)}

    parts: tuple[SerializeAsAny[Operator], ...] = Field(min_length=1, description="Filters, or refiners, in order; as in a Sequential.")
    roles: tuple[Role, ...] = Field(("user", "assistant"), min_length=1, description="Whose turns.")
    keep: Literal["all", "any"] = Field("all", description="How many of the turns have to pass for the conversation to stay.")

    def __init__(self, /, *parts: Any, **parameters: Any) -> None:
        super().__init__(**({"parts": parts} if parts else {}), **parameters)

    @field_validator("parts", mode="before")
    @classmethod
    def _fused(cls, parts: Any) -> Any:
        return Sequential(*parts).parts if isinstance(parts, Iterable) else parts

    @field_validator("parts")
    @classmethod
    def _of_two_kinds(cls, parts: tuple[Operator, ...]) -> tuple[Operator, ...]:
        if parts[0].kind not in (_FILTERS, _REFINERS):
            raise ValueError(f"{parts[0].name} is of kind {parts[0].kind}, and turns can be filtered or refined: take them apart with SplitMessages")
        return parts

    @property
    def _inner(self) -> Sequential:
        return Sequential(*self.parts)

    @property
    def kind(self) -> Kind:  # type: ignore[override]
        return self.parts[0].kind

    @property
    def is_stand_in(self) -> bool:
        return super().is_stand_in or any(part.is_stand_in for part in self.parts)

    @property
    def needs(self) -> tuple[Need, ...]:  # type: ignore[override]
        return self._inner.needs

    def resource_names(self) -> dict[Need, str]:
        return self._inner.resource_names()

    def rewritten_columns(self) -> set[str]:
        return {self.input_columns()["messages"]} if self.kind == _REFINERS else set()

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if found:
            return found
        found = self._inner.problems(self._turn_schema(tables[0]))
        if self.kind == _REFINERS and (others := self._inner.rewritten_columns() - {"text"}):
            what = f"{self.name} rewrites the text of turns, and {self._inner.describe()} would rewrite {', '.join(sorted(others))}"
            found.append(Problem(what, suggestion="leave its input_text unbound"))
        return found

    def _turn_schema(self, table: pa.Schema) -> pa.Schema:
        own = [pa.field(name, pa.int64() if name == "turn" else pa.string()) for name in _MADE]
        return pa.schema([pa.field(ROW_ID, pa.string()), *(table.field(name) for name in self._carried(table)), *own])

    def _carried(self, table: pa.Schema) -> list[str]:
        return [name for name in table.names if name not in (ROW_ID, *_MADE, self.input_columns()["messages"])]

    def fingerprint(self) -> str:
        own = super().fingerprint()
        return hashlib.sha256("\0".join([own, *(part.fingerprint() for part in self.parts)]).encode()).hexdigest()[:16]

    def describe(self) -> str:
        return f"EachTurn({self._inner.describe()}, roles={', '.join(self.roles)})"

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "parts": [part.as_dict() for part in self.parts]}

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        values = batch.column(self.input_columns()["messages"]).to_pylist()
        return self._refined(batch, values, resources) if self.kind == _REFINERS else self._filtered(batch, values, resources)

    # Filters

    def _filtered(self, batch: Batch, values: list[Any], resources: Mapping[str, Any]) -> Processed:
        aside: dict[int, tuple[str, str, Outcome]] = {}
        said: list[_Said] = []
        for row, value in enumerate(values):
            if value is None:
                aside[row] = (f"{self.input_columns()['messages']} is null", self.name, "filtered")
                continue
            try:
                said += self._turns(row, value)
            except NotMessages as error:
                aside[row] = (str(error), self.name, "failed")
        processed = self._inner.process(self._as_batch(batch, said), resources)
        places = _places(batch, said)
        told = {places[turn]: (reason, rejection.by, rejection.outcome) for rejection in processed.rejections for turn, reason in _told(rejection)}
        judged, passed = Counter(one.row for one in said), Counter(one.row for place, one in enumerate(said) if place not in told)
        for place, one in enumerate(said):
            fails = passed[one.row] < judged[one.row] if self.keep == "all" else not passed[one.row]
            if fails and place in told and one.row not in aside:
                reason, by, outcome = told[place]
                aside[one.row] = (f"turn {one.turn} ({one.role}): {reason}", by, outcome)
        without_any = len(batch) - len(judged) - sum(row not in judged for row in aside)
        divided = _set_aside(batch, aside)
        divided.no_say = +Counter({self.name: without_any})
        return divided

    def _turns(self, row: int, value: Any) -> Iterator[_Said]:
        asked: str | None = None
        system = said = before = ""
        for number, turn in enumerate(read_turns(value), 1):
            if turn.role in self.roles and not (turn.calls and not turn.text):
                yield _Said(row, number, turn.role, turn.text, asked, before or None)
            if turn.role == "user":
                asked, before = turn.text, f"{system}\n{said}".strip()
            if turn.role == "system":
                system = f"{system}\n{turn.text}"[:_LONGEST_BEFORE]
            else:
                said = f"{said}\n{turn.text}"[-_LONGEST_BEFORE:]

    # Refiners

    def _refined(self, batch: Batch, values: list[Any], resources: Mapping[str, Any]) -> Processed:
        aside: dict[int, tuple[str, str, Outcome]] = {}
        opened: list[Any] = [None if value is None else parsed_json(value) if _is_json(value) else value for value in values]
        pieces, said = [], []
        for row, value in enumerate(opened):
            if value is None:
                continue
            try:
                for piece in text_pieces(raw_turns(value)):
                    if piece.role in self.roles:
                        pieces.append(piece)
                        said.append(_Said(row, piece.turn, piece.role, piece.holder[piece.key], None, None))
            except NotMessages as error:
                aside[row] = (str(error), self.name, "failed")
        processed = self._inner.process(self._as_batch(batch, said), resources)
        places = _places(batch, said)
        changed: set[int] = set()
        for turn, text in zip(processed.kept.column(ROW_ID).to_pylist(), processed.kept.column("text").to_pylist(), strict=True):
            one, piece = said[places[turn]], pieces[places[turn]]
            if text != one.text:
                piece.holder[piece.key] = text
                changed.add(one.row)
        for rejection in processed.rejections:
            for turn, reason in _told(rejection):
                one = said[places[turn]]
                aside.setdefault(one.row, (f"turn {one.turn} ({one.role}): {reason}", rejection.by, "failed"))
        changed -= aside.keys()
        rows = _with_column(batch.rows, self.input_columns()["messages"], values, opened, changed) if changed else batch.rows
        divided = _set_aside(Batch(rows), aside, batch)
        divided.changed_by = +Counter({self.name: len(changed)})
        return divided

    def _as_batch(self, batch: Batch, said: Sequence[_Said]) -> Batch:
        """The turns as rows, whose ids are those of the conversation and their number in it: a draw by id gives the same in any batch."""
        schema = self._turn_schema(batch.rows.schema)
        rows = pa.array([one.row for one in said], pa.int64())
        texts = pa.array([one.text for one in said], pa.string())
        made = {
            ROW_ID: pa.array(list(_places(batch, said)), pa.string()),
            "text": texts,
            "output": texts,
            "instruction": pa.array([one.asked for one in said], pa.string()),
            "input": pa.array([one.before for one in said], pa.string()),
            "role": pa.array([one.role for one in said], pa.string()),
            "turn": pa.array([one.turn for one in said], pa.int64()),
        }
        arrays = [made[name] if name in made else batch.column(name).take(rows) for name in schema.names]
        return Batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


def _places(batch: Batch, said: Sequence[_Said]) -> dict[str, int]:
    """Id of a turn as a row -> its place among `said`, in their order."""
    ids = batch.column(ROW_ID).to_pylist()
    counts = Counter[int]()
    places: dict[str, int] = {}
    for place, one in enumerate(said):
        places[f"{ids[one.row]}:{counts[one.row]}"] = place
        counts[one.row] += 1
    return places


def _told(rejection: Rejection) -> Iterator[tuple[str, str]]:
    return zip(rejection.rows.column(ROW_ID).to_pylist(), rejection.reasons, strict=True)


def _is_json(value: Any) -> bool:
    """Whether a text is JSON; what is not is told apart later, in words."""
    if not isinstance(value, str):
        return False
    try:
        parsed_json(value)
    except ValueError:
        return False
    return True


def _with_column(rows: pa.RecordBatch, name: str, old: Sequence[Any], new: Sequence[Any], changed: set[int]) -> pa.RecordBatch:
    """The changed values in the type and, where they are JSON text, as the text that the column had."""
    place = rows.schema.get_field_index(name)
    field = rows.schema.field(place)
    nested = pa.types.is_nested(field.type)
    values = [
        (value if nested else written_json(value)) if row in changed else before for row, (before, value) in enumerate(zip(old, new, strict=True))
    ]
    array = pa.array(values, pa.string()).cast(field.type) if field.type == pa.json_() else column_of(values, field.type)
    return rows.set_column(place, field, array)


def _set_aside(batch: Batch, aside: Mapping[int, tuple[str, str, Outcome]], original: Batch | None = None) -> Processed:
    """The rows that go on, and the others as they were, by who set them aside."""
    if not aside:
        return Processed(batch)
    keep = np.ones(len(batch), np.bool_)
    keep[list(aside)] = False
    groups: dict[tuple[str, Outcome], list[int]] = {}
    for row in sorted(aside):
        _, by, outcome = aside[row]
        groups.setdefault((by, outcome), []).append(row)
    rows = (original or batch).rows
    rejections = [
        Rejection(rows.take(pa.array(places, pa.int64())), [aside[row][0] for row in places], by, outcome) for (by, outcome), places in groups.items()
    ]
    return Processed(batch.filter(keep), rejections)
