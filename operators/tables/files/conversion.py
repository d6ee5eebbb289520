"""Values as the types that a user declared, or not at all: nothing is rounded, cut or dropped to make it fit."""

from __future__ import annotations

import base64
import binascii
import decimal
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from operators.tables.files.errors import BadLine, FileFormatError
from operators.tables.files.exact_values import INTEGER, float_of, float_of_text, floats_at_once, time_of_text
from operators.tables.files.json.text import WrittenFloat, json_text, parse_exactly

Mistakes = dict[int, str]
_NULL = type(None)


def declared_array(values: Sequence[Any], type_: pa.DataType) -> tuple[pa.Array, Mistakes]:
    """JSON values as `type_`, and why the values at some indices (null in the array) do not fit. Text is read as by `text_as`."""
    kinds = set(map(type, values))
    if (kinds <= {str, _NULL} and pa.types.is_string(type_)) or (kinds <= {int, _NULL} and pa.types.is_integer(type_)):
        try:
            return pa.array(values, type_), {}
        except (pa.ArrowInvalid, OverflowError):
            pass  # a value is out of range: found below
    if kinds <= {str, _NULL} and not _holds_json(type_):
        return text_as(pa.array(values, pa.string()), type_)
    converted, mistakes = [], {}
    for index, value in enumerate(values):
        try:
            converted.append(_value_as(value, type_))
        except (BadLine, OverflowError) as error:
            mistakes[index] = str(error)
            converted.append(None)
    return _array(converted, type_), mistakes


def text_as(texts: pa.StringArray, type_: pa.DataType) -> tuple[pa.Array, Mistakes]:
    """Text as `type_`: numbers, true or false, ISO dates and times, base64 for binary, JSON for lists, objects and JSON columns."""
    if pa.types.is_string(type_):
        return texts, {}
    if (found := _cast_at_once(texts, type_)) is not None:
        return found, {}
    converted, mistakes = [], {}
    parse_float = WrittenFloat if keeps_digits(type_) else None
    for index, text in enumerate(texts.to_pylist()):
        try:
            converted.append(_value_as(parse_exactly(text, parse_float) if _holds_json(type_) and text is not None else text, type_))
        except BadLine as error:
            mistakes[index] = str(error)
            converted.append(None)
    return _array(converted, type_), mistakes


def _cast_at_once(texts: pa.StringArray, type_: pa.DataType) -> pa.Array | None:
    """By Arrow; None where it cannot, or where it might change a value."""
    if _holds_json(type_) or _is_binary(type_) or pa.types.is_time(type_):
        return None
    try:
        found = floats_at_once(texts, type_) if pa.types.is_floating(type_) else pc.cast(texts, type_)
    except pa.ArrowInvalid:
        return None
    # Arrow takes 0x10 for 16
    has_hexadecimal = pa.types.is_integer(type_) and any(pc.any(pc.match_substring(texts, mark)).as_py() for mark in "xX")
    return None if has_hexadecimal else found


def _array(values: list[Any], type_: pa.DataType) -> pa.Array:
    if isinstance(type_, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(type_, pa.array(values, type_.storage_type))
    return pa.array(values, type_)


def refuse_unreadable(declared: Mapping[str, pa.DataType]) -> None:
    """Raises FileFormatError for a declared type that is not read from text."""
    for name, type_ in declared.items():
        if (unreadable := _unreadable(type_)) is not None:
            raise FileFormatError(
                f'types: column "{name}" is declared as {type_}, and {unreadable} is not read from text. Declare str, and convert it.'
            )


def _unreadable(type_: pa.DataType) -> pa.DataType | None:
    if type_ == pa.json_() or _is_text(type_) or _is_binary(type_) or pa.types.is_time(type_):
        return None
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return _unreadable(type_.value_type)
    if pa.types.is_struct(type_):
        return next((unreadable for field in type_ if (unreadable := _unreadable(field.type)) is not None), None)
    try:
        pc.cast(pa.array([], pa.string()), type_)
    except (pa.ArrowException, NotImplementedError):
        return type_
    return None


def keeps_digits(type_: pa.DataType) -> bool:
    """Whether the digits of a fraction matter to it, at any depth: text and decimals."""
    if pa.types.is_struct(type_):
        return any(keeps_digits(field.type) for field in type_)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return keeps_digits(type_.value_type)
    return _is_text(type_) or bool(pa.types.is_decimal(type_))


def _holds_json(type_: pa.DataType) -> bool:
    return bool(type_ == pa.json_() or pa.types.is_nested(type_))


def _is_binary(type_: pa.DataType) -> bool:
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_))


def _value_as(value: Any, type_: pa.DataType) -> Any:
    """One JSON value as what pa.array takes for `type_`. Raises BadLine."""
    if value is None:
        return None
    if type_ == pa.json_():
        return json_text(value)
    if _is_text(type_):
        return value if isinstance(value, str) else json_text(value)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        if isinstance(value, list) and (not pa.types.is_fixed_size_list(type_) or len(value) == type_.list_size):
            return [_value_as(item, type_.value_type) for item in value]
    elif pa.types.is_struct(type_):
        if isinstance(value, dict):
            return _struct_as(value, type_)
    elif isinstance(value, str):
        return _scalar_from_text(value, type_)
    elif pa.types.is_boolean(type_):
        if isinstance(value, bool):
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return _number_as(value, type_)
    raise _does_not_fit(value, type_)


def _struct_as(value: dict[str, Any], type_: pa.StructType) -> dict[str, Any]:
    if unknown := [key for key in value if type_.get_field_index(key) < 0]:
        raise BadLine(f'key "{unknown[0]}" is not in the declared {type_}')
    return {field.name: _value_as(value.get(field.name), field.type) for field in type_}


def _number_as(value: float, type_: pa.DataType) -> Any:
    if pa.types.is_integer(type_) and isinstance(value, int):
        low, high = (-(2 ** (type_.bit_width - 1)), 2 ** (type_.bit_width - 1)) if pa.types.is_signed_integer(type_) else (0, 2**type_.bit_width)
        if low <= value < high:
            return value
    elif pa.types.is_floating(type_):
        beyond = isinstance(value, WrittenFloat) and math.isinf(value)
        if not beyond and (found := float_of(value, type_)) is not None:
            return found
    elif pa.types.is_decimal(type_):
        return _scalar_from_text(value.text if isinstance(value, WrittenFloat) else str(value), type_)
    raise _does_not_fit(value, type_)


def _scalar_from_text(text: str, type_: pa.DataType) -> Any:
    if _is_binary(type_):
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise BadLine(f"is not base64 ({error})") from None
    found: Any = None
    try:
        if pa.types.is_time(type_):
            found = time_of_text(text, type_)
        elif pa.types.is_floating(type_):
            found = float_of_text(text, type_)
        elif not pa.types.is_integer(type_) or INTEGER.fullmatch(text):
            found = pc.cast(pa.scalar(text), type_)
    except (pa.ArrowInvalid, decimal.DecimalException):
        pass
    if found is None:
        raise _does_not_fit(text, type_)
    return found


def _does_not_fit(value: Any, type_: pa.DataType) -> BadLine:
    shown = json_text(value)
    return BadLine(f"{shown[:60]}{'...' if len(shown) > 60 else ''} is not {type_}")


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))
