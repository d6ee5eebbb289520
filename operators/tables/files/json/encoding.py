"""Arrow rows as JSON objects, with nothing lost that JSON can hold.

Integers of any size are plain integers, dates and times ISO 8601 text, binary base64, JSON columns the JSON itself, and NaN and the infinities
the literals NaN and Infinity that Python's json reads and writes.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from operators.tables.files.errors import BadLine, FileFormatError
from operators.tables.files.json.text import json_text, parse_exactly

_LITERALS = {"nan": orjson.Fragment(b"NaN"), "inf": orjson.Fragment(b"Infinity"), "-inf": orjson.Fragment(b"-Infinity")}
_PLAIN: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_string,
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_null,
)


def json_rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Each row as a dict that orjson.dumps writes exactly. Raises FileFormatError naming a column that JSON cannot hold."""
    names = batch.schema.names
    if not names:
        return [{} for _ in range(batch.num_rows)]
    columns = [json_values(column, name) for name, column in zip(names, batch.columns, strict=True)]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def json_values(array: pa.Array, column: str) -> list[Any]:
    """The values of a column as orjson takes them."""
    type_ = array.type
    if any(plain(type_) for plain in _PLAIN):
        return list(array.to_pylist())
    if pa.types.is_floating(type_):
        return _floats(array)
    if isinstance(type_, pa.BaseExtensionType):
        return _json(array.storage, column) if type_ == pa.json_() else _extension(array, column)
    if pa.types.is_dictionary(type_):
        return json_values(array.cast(type_.value_type), column)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return _lists(array, column)
    if pa.types.is_struct(type_):
        return _structs(array, column)
    if pa.types.is_map(type_) and _is_text(type_.key_type):
        return _maps(array, column)
    if pa.types.is_decimal(type_):
        return [None if value is None else orjson.Fragment(format(value, "f")) for value in array.to_pylist()]
    if pa.types.is_date(type_) or pa.types.is_time(type_) or pa.types.is_timestamp(type_):
        return list(iso_text(array, column).to_pylist())
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_):
        return [None if value is None else base64.b64encode(value).decode() for value in array.to_pylist()]
    raise FileFormatError(f'column "{column}": JSON and CSV have nothing for {type_}. Cast the column, or write Parquet.')


def iso_text(array: pa.Array, column: str) -> pa.StringArray:
    """Dates and times as ISO 8601; with a time zone, in UTC with a Z. Raises FileFormatError for a year that ISO 8601 has no digits for."""
    text = any_iso_text(array)
    beyond = pc.index(pc.starts_with(text, "<"), True).as_py()  # Arrow says "<value out of range: ...>"
    if beyond >= 0:
        number = array[beyond].value
        raise FileFormatError(
            f'column "{column}": {number} is no time of a year that can be written, as {array.type}. Is its unit another one, such as microseconds '
            "kept as milliseconds? Cast the column, or write Parquet."
        )
    return text


def any_iso_text(array: pa.Array) -> pa.StringArray:
    """As `iso_text`; of years that it refuses, something that tells the times apart."""
    type_ = array.type
    with_zone = pa.types.is_timestamp(type_) and type_.tz is not None
    text = (array.cast(pa.timestamp(type_.unit)) if with_zone else array).cast(pa.string())  # without a zone: in UTC
    if not pa.types.is_timestamp(type_):
        return text
    text = pc.replace_substring(text, " ", "T", max_replacements=1)
    return pc.binary_join_element_wise(text, "Z", "") if with_zone else text


def _floats(array: pa.Array) -> list[Any]:
    values = array.to_pylist()
    if pc.all(pc.is_finite(array), min_count=0).as_py():
        return list(values)
    return [_LITERALS[str(value)] if value is not None and not math.isfinite(value) else value for value in values]


def _json(storage: pa.Array, column: str) -> list[Any]:
    fragments: list[Any] = []
    for text in storage.to_pylist():
        if text is None:
            fragments.append(None)
            continue
        try:
            if "\n" in text or "\r" in text:
                text = json_text(parse_exactly(text))
            else:
                orjson.loads(text)
        except (BadLine, orjson.JSONDecodeError) as error:
            raise FileFormatError(f'column "{column}" is declared JSON and holds what is not: {text[:80]} ({error}).') from None
        fragments.append(orjson.Fragment(text))
    return fragments


def _extension(array: pa.ExtensionArray, column: str) -> list[Any]:
    if array.type == pa.uuid():
        return [None if value is None else str(value) for value in array.to_pylist()]
    return json_values(array.storage, column)


def _lists(array: pa.Array, column: str) -> list[Any]:
    items = json_values(array.flatten(), column)
    lengths = pc.list_value_length(array).to_pylist()
    found: list[Any] = []
    start = 0
    for length in lengths:
        found.append(None if length is None else items[start : start + length])
        start += length or 0
    return found


def _structs(array: pa.StructArray, column: str) -> list[Any]:
    names = [field.name for field in array.type]
    if not names:
        return [{} if valid else None for valid in array.is_valid().to_pylist()]
    children = [json_values(child, column) for child in array.flatten()]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*children, strict=True)]
    if array.null_count:
        return [row if valid else None for row, valid in zip(rows, array.is_valid().to_pylist(), strict=True)]
    return list(rows)


def _maps(array: pa.MapArray, column: str) -> list[Any]:
    if not len(array):
        return []
    offsets = array.offsets.to_pylist()
    first, pairs_in_all = offsets[0], offsets[-1] - offsets[0]
    # of a slice, `offsets` are its own, and `keys` and `items` those of the whole array
    keys, items = (json_values(child.slice(first, pairs_in_all), column) for child in (array.keys, array.items))
    found: list[Any] = []
    for (start, end), valid in zip(pairwise(offsets), array.is_valid().to_pylist(), strict=True):
        pairs = range(start - first, end - first)
        row = {keys[index]: items[index] for index in pairs}
        if valid and len(row) < len(pairs):
            raise FileFormatError(f'column "{column}": a map has one key twice, which JSON cannot hold. Write Parquet.')
        found.append(row if valid else None)
    return found


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))
