"""Arrow types in DuckDB files: what each is stored as, and the way back, so that a table is read exactly as it was written.

Most types are stored as themselves. Where DuckDB has no equal, the values are stored as a type that holds them all: duration as integers,
nanoseconds with a time zone without it, float16 as float32, maps as lists of key and value, UUID and other extension types as what they are
made of. Dictionary columns are stored, and come back, as plain values.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from resources.warehouse.errors import UnstorableColumn

_LARGEST_DECIMAL = 38
_AS_THEY_ARE: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_float32,
    pa.types.is_float64,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_date32,
    pa.types.is_time,
)


def kept_type(type_: pa.DataType) -> pa.DataType:
    """The type that a column has when it is read back: the same, with dictionaries as plain values."""
    if pa.types.is_dictionary(type_):
        return kept_type(type_.value_type)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        make = pa.list_ if pa.types.is_list(type_) else pa.large_list
        return make(type_.value_field.with_type(kept_type(type_.value_type)))
    if pa.types.is_struct(type_):
        return pa.struct([field.with_type(kept_type(field.type)) for field in type_])
    return type_


def stored_type(type_: pa.DataType, column: str) -> pa.DataType:
    """The type of the column in the file. Raises UnstorableColumn."""
    if any(test(type_) for test in _AS_THEY_ARE):
        return type_
    if isinstance(type_, pa.BaseExtensionType):
        return stored_type(type_.storage_type, column)
    if pa.types.is_dictionary(type_):
        return stored_type(type_.value_type, column)
    if pa.types.is_null(type_) or pa.types.is_string_view(type_):
        return pa.string()
    if pa.types.is_binary_view(type_):
        return pa.binary()
    if pa.types.is_float16(type_):
        return pa.float32()
    if pa.types.is_date64(type_):
        return pa.date32()
    if pa.types.is_duration(type_):
        return pa.int64()
    if pa.types.is_timestamp(type_):
        if type_.tz is None:
            return type_
        return pa.timestamp("ns") if type_.unit == "ns" else pa.timestamp("us", "UTC")
    if pa.types.is_decimal(type_) and type_.precision <= _LARGEST_DECIMAL and 0 <= type_.scale <= type_.precision:
        return pa.decimal128(type_.precision, type_.scale)
    if pa.types.is_struct(type_) and type_.num_fields:
        names = unlike_names([field.name for field in type_])
        return pa.struct([(name, stored_type(field.type, f"{column}.{field.name}")) for name, field in zip(names, type_, strict=True)])
    if pa.types.is_map(type_):
        return pa.list_(pa.struct([("key", stored_type(type_.key_type, column)), ("value", stored_type(type_.item_type, column))]))
    if pa.types.is_fixed_size_list(type_) and type_.list_size > 0:
        return pa.list_(stored_type(type_.value_type, f"{column}[]"), type_.list_size)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(stored_type(type_.value_type, f"{column}[]"))
    raise UnstorableColumn(
        f'column "{column}" is {type_}, which a DuckDB file cannot hold without loss. Cast it (to text or JSON, for example), or drop it.'
    )


def to_stored(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """The values of a column as its stored type `type_`."""
    given = array.type
    if given == type_:
        return array
    if isinstance(given, pa.BaseExtensionType):
        return to_stored(array.storage, type_)
    if pa.types.is_dictionary(given):
        return to_stored(array.cast(given.value_type), type_)
    if pa.types.is_null(given):
        return pa.nulls(len(array), type_)
    if pa.types.is_duration(given) or (pa.types.is_timestamp(given) and given.unit == "ns"):
        return array.view(type_)
    if pa.types.is_struct(given):
        children = [to_stored(child, field.type) for child, field in zip(array.flatten(), type_, strict=True)]
        return pa.StructArray.from_arrays(children, fields=list(type_), mask=array.is_null())
    if pa.types.is_map(given):
        entry = pa.struct([("key", given.key_type), ("value", given.item_type)])
        return to_stored(array.cast(pa.list_(entry)), type_)
    if pa.types.is_fixed_size_list(given):
        items = array.values.slice(array.offset * given.list_size, len(array) * given.list_size)
        return pa.FixedSizeListArray.from_arrays(to_stored(items, type_.value_type), type=type_, mask=array.is_null())
    if pa.types.is_list(given) or pa.types.is_large_list(given):
        return _list_of(to_stored(array.flatten(), type_.value_type), pc.list_value_length(array), type_)
    return array.cast(type_)


def from_stored(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """The values of a column as they were written, of type `type_`, from what DuckDB gives."""
    given = array.type
    if isinstance(given, pa.BaseExtensionType):
        return from_stored(array.storage, type_)
    if isinstance(type_, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(type_, from_stored(array, type_.storage_type))
    if given == type_:
        return array
    if pa.types.is_null(type_):
        return pa.nulls(len(array))
    if pa.types.is_duration(type_) or (pa.types.is_timestamp(type_) and type_.unit == "ns"):
        return array.view(type_)
    if pa.types.is_struct(type_):
        children = [from_stored(child, field.type) for child, field in zip(array.flatten(), type_, strict=True)]
        return pa.StructArray.from_arrays(children, fields=list(type_), mask=array.is_null())
    if pa.types.is_map(type_):
        entries = array.flatten()
        keys, items = (from_stored(child, part) for child, part in zip(entries.flatten(), (type_.key_type, type_.item_type), strict=True))
        return pa.MapArray.from_arrays(_offsets(pc.list_value_length(array), pa.int32()), keys, items, type=type_, mask=array.is_null())
    if pa.types.is_fixed_size_list(type_):
        items = array.values.slice(array.offset * type_.list_size, len(array) * type_.list_size)
        return pa.FixedSizeListArray.from_arrays(from_stored(items, type_.value_type), type=type_, mask=array.is_null())
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return _list_of(from_stored(array.flatten(), type_.value_type), pc.list_value_length(array), type_)
    return array.cast(type_)


def unlike_names(names: list[str]) -> list[str]:
    """Names that DuckDB can tell apart, as near to the given ones as possible. It does not see upper and lower case, and a NUL ends a name."""
    taken: set[str] = set()
    unlike = []
    for place, name in enumerate(names, 1):
        candidate = base = name.replace("\0", "_") or f"column_{place}"
        number = 1
        while candidate.lower() in taken or (number > 1 and candidate in names):
            number += 1
            candidate = f"{base}_{number}"
        taken.add(candidate.lower())
        unlike.append(candidate)
    return unlike


def _list_of(items: pa.Array, lengths: pa.Array, type_: pa.DataType) -> pa.Array:
    large = pa.types.is_large_list(type_)
    make = pa.LargeListArray if large else pa.ListArray
    return make.from_arrays(_offsets(lengths, pa.int64() if large else pa.int32()), items, type=type_, mask=lengths.is_null())


def _offsets(lengths: pa.Array, type_: pa.DataType) -> pa.Array:
    ends = pc.cumulative_sum(pc.fill_null(lengths.cast(pa.int64()), 0))
    return pa.concat_arrays([pa.array([0], pa.int64()), ends]).cast(type_)
