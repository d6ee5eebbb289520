"""Python values as Arrow arrays of a declared type, without what pyarrow by itself would cut, drop or take apart.

It makes 1 of 1.5, a day of a time of day, ["n", "o"] of "no" where a list is declared, and leaves out keys that a struct does not have.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from operators.engine.batch import Mask, mask_of

Fit: TypeAlias = Callable[[Any], Any]
"""Gives a value, which is not None, as pyarrow takes it. Raises pa.ArrowInvalid: it is not of the type."""

_MICROSECONDS: Final = {"s": 1_000_000, "ms": 1_000}
_MIDNIGHT: Final = datetime.time()


def array_of(values: Sequence[Any], type_: pa.DataType | None) -> pa.Array:
    """Raises pa.ArrowException, TypeError or OverflowError: a value is of another type."""
    if _is_flat(values):
        found = pa.array(values, from_pandas=not isinstance(values, np.ndarray))
        return found if type_ is None else cast_to(found, type_)
    values = as_list(values)
    fit = None if type_ is None else _fit(type_)
    if fit is not None:
        values = [None if value is None else fit(value) for value in values]
    elif isinstance(values, list):
        values = [value.model_dump() if isinstance(value, BaseModel) else value for value in values] if type_ is None else values
    return pa.array(values, type=type_)


def as_list(values: Any) -> Any:
    """Values of pandas and NumPy as a list, what is missing as None; others as they are."""
    if isinstance(values, np.ndarray):
        return list(values)
    if hasattr(values, "isna"):
        return [None if missing is True else value for value, missing in zip(values.tolist(), values.isna().tolist(), strict=True)]
    return values


def _is_flat(values: Any) -> bool:
    """Whether Arrow knows the type of each value: columns of NumPy and pandas that hold no Python objects."""
    return getattr(values, "ndim", 0) == 1 and getattr(values, "dtype", None) is not None and values.dtype != object


def as_json(value: Any) -> str:
    """A value as JSON text; sets as sorted lists. Raises TypeError: JSON has no such value."""
    return orjson.dumps(value, default=_of_json).decode()


def _of_json(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _are_whole(values: Any) -> bool:
    return isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "iu"


@cache
def _fit(type_: pa.DataType) -> Fit | None:
    """None for types of which pyarrow refuses every other value."""
    if pa.types.is_integer(type_):
        return _whole
    if pa.types.is_date(type_):
        return _day
    if pa.types.is_timestamp(type_) or pa.types.is_time(type_) or pa.types.is_duration(type_):
        return _no_finer_than(type_.unit)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return _list_of(_fit(type_.value_type))
    if pa.types.is_struct(type_):
        return _struct_of({field.name: _fit(field.type) for field in type_})
    return None


def _whole(value: Any) -> Any:
    if isinstance(value, float | np.floating) and not float(value).is_integer():
        raise pa.ArrowInvalid(f"{value!r} is not a whole number")
    return value


def _day(value: Any) -> Any:
    if isinstance(value, datetime.datetime) and value.time() != _MIDNIGHT:
        raise pa.ArrowInvalid(f"{value!r} is more than a day")
    return value


def _no_finer_than(unit: str) -> Fit | None:
    step = _MICROSECONDS.get(unit)
    if step is None:
        return None

    def fit(value: Any) -> Any:
        finer = value.microseconds if isinstance(value, datetime.timedelta) else getattr(value, "microsecond", 0)
        if finer % step:
            raise pa.ArrowInvalid(f"{value!r} is finer than {unit}")
        return value

    return fit


def _list_of(fit: Fit | None) -> Fit:
    def of_list(value: Any) -> Any:
        if isinstance(value, set | frozenset):
            value = sorted(value)
        if isinstance(value, str | bytes | Mapping):
            raise pa.ArrowInvalid(f"{value!r} is not a list")
        return value if fit is None or _are_whole(value) else [None if item is None else fit(item) for item in value]

    return of_list


def _struct_of(fits: Mapping[str, Fit | None]) -> Fit:
    def of_struct(value: Any) -> Any:
        if isinstance(value, BaseModel):
            value = value.model_dump()
        if not isinstance(value, Mapping):
            return value
        unknown = [name for name in value if name not in fits]
        if unknown:
            raise pa.ArrowInvalid(f"it has no {unknown[0]!r}, only {', '.join(fits)}")
        return {name: item if item is None or (fit := fits[name]) is None else fit(item) for name, item in value.items()}

    return of_struct


def cast_to(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """An array of a like type as this type: numbers as numbers, texts as texts.

    Raises:
        pa.ArrowInvalid: its values would be others, as the text "12" is another than the number.
    """
    if array.type == type_:
        return array
    if not _is_like(array.type, type_):
        raise pa.ArrowInvalid(f"it is {array.type}, which is not {type_}")
    cast = array.cast(type_)
    if pa.types.is_date(type_) and pa.types.is_timestamp(array.type) and not cast.cast(array.type).equals(array):
        raise pa.ArrowInvalid(f"it is {array.type}, and holds more than days")
    return cast


def _is_like(actual: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_dictionary(actual):
        return _is_like(actual.value_type, wanted)
    if pa.types.is_list(wanted) and (pa.types.is_list(actual) or pa.types.is_large_list(actual) or pa.types.is_fixed_size_list(actual)):
        return _is_like(actual.value_type, wanted.value_type)
    if pa.types.is_struct(wanted) and pa.types.is_struct(actual):
        names = {field.name for field in wanted}
        return all(field.name in names and _is_like(field.type, wanted.field(field.name).type) for field in actual)
    kinds = {_kind(actual), _kind(wanted)}
    return len(kinds) == 1 or "any" in kinds


def _kind(type_: pa.DataType) -> str:
    """Types of one kind hold the same values; of "any" nothing is known."""
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return "number"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return "text"
    if pa.types.is_boolean(type_):
        return "boolean"
    if pa.types.is_time(type_) or pa.types.is_duration(type_):
        return "time" if pa.types.is_time(type_) else "duration"
    return "moment" if pa.types.is_temporal(type_) else "any"


def outside(array: pa.Array, allowed: Sequence[Any]) -> Mask:
    """Where a value, or one in a list, is none of those allowed; nulls are."""
    if pa.types.is_list(array.type):
        mask: Mask = np.zeros(len(array), dtype=bool)
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        places = np.repeat(np.arange(len(array)), lengths)
        mask[places[outside(array.flatten(), allowed)]] = True
        return mask
    known = pc.is_in(array, value_set=pa.array(allowed, array.type))
    return mask_of(pc.and_(array.is_valid(), pc.invert(known)))
