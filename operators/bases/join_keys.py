"""By which columns two tables are joined, and which rows of the other table a row meets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeAlias

import pyarrow as pa
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from operators.tables.errors import Problem, closest
from operators.tables.storage import Storage
from operators.tables.types import ROW_ID, type_name

Keys: TypeAlias = tuple[tuple[str, str], ...]


def _pairs(given: Any) -> Any:
    """ "id", ["id", "year"] or {"country": "code"} -> pairs of columns."""
    if isinstance(given, str):
        return ((given, given),)
    if isinstance(given, Mapping):
        return tuple(given.items())
    return tuple((one, one) if isinstance(one, str) else one for one in given) if isinstance(given, Iterable) else given


JoinKeys = Annotated[
    Keys,
    BeforeValidator(_pairs),
    PlainSerializer(dict),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}),
    Field(min_length=1, description='Columns that have to be equal: "id", ("id", "year"), or {"country": "code"} where their names differ.'),
]
BY_ID: Keys = ((ROW_ID, ROW_ID),)


def key_problems(by: Keys, left: pa.Schema, right: pa.Schema) -> list[Problem]:
    """Keys that are not there, or whose types can never be equal."""
    found = []
    for one, other in by:
        for name, schema, which in ((one, left, "first"), (other, right, "other")):
            if name not in schema.names:
                listed, nearest = ("columns", ", ".join(schema.names)), closest(name, schema.names)
                found.append(Problem(f'by: column "{name}" does not exist in the {which} table', details=(listed,), suggestion=nearest))
        if one not in left.names or other not in right.names:
            continue
        here, there = left.field(one).type, right.field(other).type
        if not _comparable(here, there):
            remedy = "give one of them the type of the other before"
            found.append(
                Problem(f'by: "{one}" and "{other}" are {type_name(here)} and {type_name(there)}, and can never be equal', suggestion=remedy)
            )
        elif pa.types.is_nested(here):
            found.append(Problem(f'by: "{one}" is {type_name(here)}: tables are joined by texts, numbers, dates and truth values'))
    return found


def _comparable(left: pa.DataType, right: pa.DataType) -> bool:
    """Texts and integers are equal whatever they are stored as."""
    return left == right or type_name(left) == type_name(right) in ("text", "integer")


def keys_of(storage: Storage, columns: list[str]) -> list[tuple[Any, ...] | None]:
    """The key of each row; None where one of its columns is null, which is equal to nothing."""
    found: list[tuple[Any, ...] | None] = []
    for batch in storage.batches(list(dict.fromkeys(columns))):
        values = [batch.column(name).to_pylist() for name in columns]
        found += [None if any(value is None for value in key) else key for key in zip(*values, strict=True)]
    return found


def places_by_key(keys: list[tuple[Any, ...] | None]) -> dict[tuple[Any, ...], list[int]]:
    """Key -> the places of its rows, in order."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for place, key in enumerate(keys):
        if key is not None:
            found.setdefault(key, []).append(place)
    return found


def told(by: Keys) -> str:
    return ", ".join(one if one == other else f"{one} = {other}" for one, other in by)
