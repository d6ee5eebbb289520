"""Column types: what operators declare in Python terms, as Arrow types, and when a column of a table fits."""

from __future__ import annotations

import datetime
import decimal
import enum
import types as python_types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Union

import pyarrow as pa
from pydantic import BaseModel

ROW_ID = "row_id"
PARENT_IDS = "parent_ids"
ROW_ID_FIELD = pa.field(ROW_ID, pa.string())
PARENT_IDS_FIELD = pa.field(PARENT_IDS, pa.list_(pa.string()))

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    datetime.date: pa.date32(),
    datetime.datetime: pa.timestamp("us"),
    decimal.Decimal: pa.decimal128(38, 9),
}


_LISTS = (list, tuple, Sequence, set, frozenset)


def arrow_type(declared: Any) -> pa.DataType | None:
    """The Arrow type of a declared type; None for `Any`, which every column fits.

    Understood: the scalars of Python, `list[X]`, pydantic models (as structs), `dict` (as JSON), Literal and Enum of text, `X | None`, and
    Arrow types.
    """
    if declared is Any:
        return None
    if isinstance(declared, pa.DataType):
        return declared
    if declared in _SCALARS:
        return _SCALARS[declared]
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin in (Union, python_types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) == 1:
            return arrow_type(inner[0])
        if all(arrow_type(argument) in (pa.int64(), pa.float64()) for argument in inner):
            return pa.float64()
    if origin in _LISTS and arguments:
        item = arrow_type(arguments[0])
        if item is not None:
            return pa.list_(item)
    if origin is Literal:
        return arrow_type(type(arguments[0]))
    if origin in (dict, Mapping) or declared in (dict, list):
        return pa.json_()
    if isinstance(declared, type) and issubclass(declared, enum.Enum):
        return pa.string()
    if isinstance(declared, type) and issubclass(declared, BaseModel):
        return pa.struct([pa.field(name, arrow_type(field.annotation) or pa.json_()) for name, field in declared.model_fields.items()])
    raise TypeError(f"{declared!r} has no column type. Declare str, int, float, bool, list[...], a pydantic model or a pyarrow type.")


def closed_set(declared: Any) -> tuple[Any, ...] | None:
    """The values that a declared type has, or those in its lists, where it names them: Literal["good", "bad"], an Enum; None for all others."""
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin is Literal:
        return _of_one_type(argument for argument in arguments if argument is not None)
    if isinstance(declared, type) and issubclass(declared, enum.Enum):
        return _of_one_type(member.value for member in declared)
    if origin in (Union, python_types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        return closed_set(inner[0]) if len(inner) == 1 else None
    return closed_set(arguments[0]) if origin in _LISTS and arguments else None


def _of_one_type(values: Iterable[Any]) -> tuple[Any, ...] | None:
    """None for names of several types, of which no column is made."""
    named = tuple(values)
    return named if len({type(value) for value in named}) == 1 else None


def fits(declared: Any, actual: pa.DataType) -> bool:
    """Whether a column of Arrow type `actual` can be read as `declared`. A column of nulls fits everything; integers fit float."""
    wanted = arrow_type(declared)
    return wanted is None or _fits(wanted, actual)


def _fits(wanted: pa.DataType, actual: pa.DataType) -> bool:
    if actual.equals(wanted) or pa.types.is_null(actual):
        return True
    if pa.types.is_dictionary(actual):
        return _fits(wanted, actual.value_type)
    if pa.types.is_string(wanted):
        return _is_text(actual)
    if pa.types.is_integer(wanted):
        return _is_integer(actual)
    if pa.types.is_floating(wanted):
        return bool(pa.types.is_floating(actual) or pa.types.is_integer(actual) or pa.types.is_decimal(actual))
    if pa.types.is_binary(wanted):
        return bool(pa.types.is_large_binary(actual))
    if pa.types.is_temporal(wanted):
        return bool(wanted.id == actual.id)
    if pa.types.is_list(wanted):
        return bool(pa.types.is_list(actual) or pa.types.is_large_list(actual) or pa.types.is_fixed_size_list(actual)) and _fits(
            wanted.value_type, actual.value_type
        )
    if pa.types.is_struct(wanted):
        names = {field.name for field in actual} if pa.types.is_struct(actual) else set()
        return all(field.name in names and _fits(field.type, actual.field(field.name).type) for field in wanted)
    if wanted == pa.json_():
        return bool(pa.types.is_nested(actual)) or actual == pa.json_()
    return False


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))


def _is_integer(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or (pa.types.is_decimal(type_) and type_.scale == 0))


def type_name(type_: Any) -> str:
    """A type as people write it: "text", "integer", "list of text"."""
    try:
        arrow = arrow_type(type_)
    except TypeError:
        return str(type_)
    if arrow is None:
        return "anything"
    if arrow == pa.json_():
        return "JSON"
    if pa.types.is_dictionary(arrow):
        return type_name(arrow.value_type)
    if _is_text(arrow):
        return "text"
    if _is_integer(arrow):
        return "integer"
    if pa.types.is_floating(arrow):
        return "number"
    if pa.types.is_boolean(arrow):
        return "true or false"
    if pa.types.is_list(arrow) or pa.types.is_large_list(arrow):
        return f"list of {type_name(arrow.value_type)}"
    if pa.types.is_struct(arrow):
        return "struct of " + ", ".join(f"{field.name} {type_name(field.type)}" for field in arrow)
    return str(arrow)
