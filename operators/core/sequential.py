"""Operators that are done one after the other in one scan of the table: one stage, one asset, counts for each part."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, Self

import pyarrow as pa
from pydantic import Field, SerializeAsAny, field_validator

from operators.core import registry
from operators.core.operator import OF_THE_STAGE, Need, Operator
from operators.engine.batch import Batch, Processed
from operators.engine.step import Kind
from operators.tables.columns import Input, Output
from operators.tables.errors import Problem

_WIDEST_FIRST: Final[tuple[Kind, ...]] = ("filter", "refine", "generate", "evaluate")


def parts_of(operator: Operator) -> tuple[Operator, ...]:
    """The operators that an operator is made of, as a Sequential is; none of the others."""
    parts = getattr(operator, "parts", ())
    return parts if isinstance(parts, tuple) and all(isinstance(part, Operator) for part in parts) else ()


def _check_part(part: Operator) -> None:
    """Raises ValueError: a part says how a stage runs, which the Sequential says for all of them."""
    for name, default in of_the_stage(part).items():
        if getattr(part, name) != default:
            whole = "outer Sequential" if isinstance(part, Sequential) else "Sequential"
            raise ValueError(f"a part of a Sequential is no stage: give {name} to the {whole}, not to {part.name}")


def of_the_stage(operator: Operator) -> dict[str, Any]:
    """The parameters that say how a stage runs, with their defaults."""
    return {name: type(operator).model_fields[name].default for name in sorted(OF_THE_STAGE)}


def best_guess(operator: Operator, schemas: tuple[pa.Schema, ...]) -> pa.Schema | None:
    """The columns as they would be without the mistakes of an operator, so that what follows is checked too and not blamed; None where that
    cannot be said."""
    try:
        guess = operator.schema_out(*schemas)
    except Exception:  # the operator is wrong in a way that was reported; without columns nothing after it is reported
        return None
    before = schemas[0]
    return pa.schema([before.field(field.name) if field.name in before.names else field for field in guess])


def why_not_in_sequence(operator: Operator) -> str | None:
    """Why rows cannot go through an operator on their way to the next, as the rest of a sentence that begins with its name; None where they can."""
    if operator.scope == "table":
        return "works on whole tables"
    if operator.asynchronous:
        return "waits for answers"
    return "makes rows" if operator.adds_rows else None


def _key(names: Mapping[Need, str], need: Need, name: str) -> str:
    """Under what a Sequential whose resources have these `names` is given the one that a part calls `need`."""
    return need if names[need] == name else f"{need}:{name}"


class Sequential(Operator):
    """Several row by row operators as one.

    Its kind and promise are theirs; of parts of several kinds those of the widest: a filter where one may drop rows, else a refiner where one may
    rewrite them. Bindings go to every part that has the column: `self.clean(documents, input_text="body")`. Statistics that filters share are
    computed once.
    """

    asks = ("chain several steps into one stage", "apply many rules in a single pass", "compose operations like layers")
    example: ClassVar[Mapping[str, Any]] = {"parts": ({"operator": "ScoreFilter", "min": 0},)}

    parts: tuple[SerializeAsAny[Operator], ...] = Field(min_length=1, description="The operators, in order.")

    def __init__(self, /, *parts: Any, **parameters: Any) -> None:
        super().__init__(**({"parts": parts} if parts else {}), **parameters)

    @field_validator("parts", mode="before")
    @classmethod
    def _operators(cls, parts: Any) -> Any:
        if not isinstance(parts, Iterable):
            return parts
        built: list[Operator] = []
        for part in parts:
            operator = registry.build(part) if isinstance(part, Mapping) else part
            if not isinstance(operator, Operator):
                raise ValueError(f"a Sequential is made of operators; {operator!r} is none")
            _check_part(operator)
            built += operator.parts if isinstance(operator, Sequential) else [operator]
        return tuple(built)

    @field_validator("parts")
    @classmethod
    def _row_by_row(cls, parts: tuple[Operator, ...]) -> tuple[Operator, ...]:
        for part in parts:
            if why := why_not_in_sequence(part):
                raise ValueError(f"parts of a Sequential go row by row, and {part.name} {why}: give it a stage of its own")
        return parts

    @property
    def kind(self) -> Kind:  # type: ignore[override]
        kinds = {part.kind for part in self.parts}
        return next(kind for kind in _WIDEST_FIRST if kind in kinds)

    @property
    def is_stand_in(self) -> bool:
        return super().is_stand_in or any(part.is_stand_in for part in self.parts)

    def rewritten_columns(self) -> set[str]:
        return {column for part in self.parts for column in part.rewritten_columns()}

    @property
    def needs(self) -> tuple[Need, ...]:  # type: ignore[override]
        return tuple(dict.fromkeys(need for part in self.parts for need in part.needs))

    def resource_names(self) -> dict[Need, str]:
        names: dict[Need, str] = {}
        for part in self.parts:
            for need, name in part.resource_names().items():
                names.setdefault(need, name)
                names[_key(names, need, name)] = name
        return names

    def inputs(self) -> dict[str, Input]:
        return {short: declared for part in self.parts for short, declared in part.inputs().items()}

    def outputs(self) -> dict[str, Output]:
        return {short: declared for part in self.parts for short, declared in part.outputs().items()}

    def input_columns(self) -> dict[str, str]:
        return {short: column for part in self.parts for short, column in part.input_columns().items()}

    def output_columns(self) -> dict[str, str]:
        return {short: column for part in self.parts for short, column in part.output_columns().items()}

    def bind(self, **columns: str) -> Self:
        known = self.bindable()
        if unknown := {name: column for name, column in columns.items() if name not in known}:
            return super().bind(**unknown)
        parts = [part.bind(**{name: column for name, column in columns.items() if name in part.bindable()}) for part in self.parts]
        return self.model_copy(update={"parts": tuple(parts)})

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found: list[Problem] = []
        for part in self.parts:
            mistakes = part.problems(*tables)
            found += mistakes
            after = best_guess(part, tables) if mistakes else part.schema_out(*tables)
            if after is None:
                break
            tables = (after,)
        return list(dict.fromkeys(found))

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        for part in self.parts:
            tables = (part.schema_out(*tables),)
        return tables[0]

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        total = {name: [(0, name)] for name in tables[0].names}
        for part in self.parts:
            step = part.column_lineage(*tables)
            total = {name: list(dict.fromkeys(origin for _, column in sources for origin in total[column])) for name, sources in step.items()}
            tables = (part.schema_out(*tables),)
        return total

    def fingerprint(self) -> str:
        return hashlib.sha256("\0".join(part.fingerprint() for part in self.parts).encode()).hexdigest()[:16]

    def describe(self) -> str:
        return " → ".join(part.describe() for part in self.parts)

    def as_dict(self) -> dict[str, Any]:
        own = self.model_dump(mode="json", include=set(OF_THE_STAGE), exclude_defaults=True)
        return {"operator": self.name, "parts": [part.as_dict() for part in self.parts], **own}

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        rejections, changed_by, no_say, totals, scores = [], Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        names = self.resource_names()
        for part in self.parts:
            own = {need: _key(names, need, name) for need, name in part.resource_names().items()}
            given = {need: resources[key] for need, key in own.items() if key in resources}
            processed = part.process(batch, given)
            batch = processed.kept
            rejections += processed.rejections
            changed_by += processed.changed_by
            no_say += processed.no_say
            totals += processed.totals
            scores += processed.scores
        return Processed(batch, rejections, changed_by, no_say, totals, scores)
