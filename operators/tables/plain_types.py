"""The plain form of Arrow types: text as string, never large, view or dictionary; and columns taken to it, whatever Arrow itself can cast."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_LARGE_AND_VIEWS = (pa.types.is_large_list, pa.types.is_list_view, pa.types.is_large_list_view)


def plain_type(type_: pa.DataType) -> pa.DataType:
    """The type that holds the same values in the plain form, at any depth."""
    if isinstance(type_, pa.BaseExtensionType):
        return pa.json_() if type_.extension_name == "arrow.json" else type_
    if pa.types.is_dictionary(type_) or pa.types.is_run_end_encoded(type_):
        return plain_type(type_.value_type)
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return pa.string()
    if pa.types.is_large_binary(type_) or pa.types.is_binary_view(type_):
        return pa.binary()
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(plain_type(type_.value_type), type_.list_size)
    if is_list_like(type_):
        return pa.list_(plain_type(type_.value_type))
    if pa.types.is_map(type_):
        return pa.map_(plain_type(type_.key_type), plain_type(type_.item_type), type_.keys_sorted)
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(field.name, plain_type(field.type)) for field in type_])
    return type_


def is_list_like(type_: pa.DataType) -> bool:
    """Whether it is a list of any length, in any of Arrow's forms."""
    return bool(pa.types.is_list(type_) or any(form(type_) for form in _LARGE_AND_VIEWS))


def is_encoded(type_: pa.DataType) -> bool:
    """Whether values stand in a dictionary, a view or run ends, at any depth: forms that much of Arrow cannot work on."""
    if isinstance(type_, pa.BaseExtensionType):
        return False
    if pa.types.is_dictionary(type_) or pa.types.is_run_end_encoded(type_) or pa.types.is_string_view(type_) or pa.types.is_binary_view(type_):
        return True
    if pa.types.is_list_view(type_) or pa.types.is_large_list_view(type_):
        return True
    return pa.types.is_nested(type_) and any(is_encoded(child) for child in _children(type_))


def _children(type_: pa.DataType) -> list[pa.DataType]:
    if pa.types.is_map(type_):
        return [type_.key_type, type_.item_type]
    if pa.types.is_struct(type_):
        return [field.type for field in type_]
    return [type_.value_type] if pa.types.is_fixed_size_list(type_) or is_list_like(type_) else []


def plain_array(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """The values of an array in `type_`, the plain form of its own type."""
    if array.type == type_:
        return array
    if isinstance(array, pa.ExtensionArray):
        return pa.ExtensionArray.from_storage(type_, plain_array(array.storage, type_.storage_type))
    if pa.types.is_dictionary(array.type):
        return plain_array(array.dictionary, type_).take(array.indices)
    if pa.types.is_run_end_encoded(array.type):
        places = np.searchsorted(array.run_ends.to_numpy(), np.arange(array.offset, array.offset + len(array)), side="right")
        return plain_array(array.values, type_).take(pa.array(places, pa.int64()))
    if pa.types.is_nested(array.type):
        return with_children(array, type_, plain_array)
    return array.cast(type_)


def with_children(array: pa.Array, type_: pa.DataType, converted: Callable[[pa.Array, pa.DataType], pa.Array]) -> pa.Array:
    """A list, struct or map as `type_`, which is of the same shape: its inner arrays as `converted` makes them of `(array, type)`."""
    missing = array.is_null() if array.null_count else None
    if pa.types.is_struct(type_):
        children = [converted(array.field(place), field.type) for place, field in enumerate(type_)]
        return pa.StructArray.from_arrays(children, fields=list(type_), mask=missing) if children else array.cast(type_)
    if pa.types.is_map(type_):
        offsets = array.offsets.to_numpy()
        first, entries = int(offsets[0]), int(offsets[-1] - offsets[0])
        keys = converted(array.keys.slice(first, entries), type_.key_type)
        items = converted(array.items.slice(first, entries), type_.item_type)
        return pa.MapArray.from_arrays(pa.array(offsets - first, pa.int32()), keys, items, type=type_, mask=missing)
    if pa.types.is_fixed_size_list(type_):
        values = array.values.slice(array.offset * type_.list_size, len(array) * type_.list_size)
        return pa.FixedSizeListArray.from_arrays(converted(values, type_.value_type), type=type_, mask=missing)
    form, width = (pa.LargeListArray, pa.int64()) if pa.types.is_large_list(type_) else (pa.ListArray, pa.int32())
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    return form.from_arrays(pa.array(offsets, width), converted(array.flatten(), type_.value_type), type=type_, mask=missing)
