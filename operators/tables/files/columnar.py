"""What files that bring their own Arrow schema have in common: one schema for all files, and columns taken to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from operators.tables.files.conversion import text_as
from operators.tables.files.errors import BadLine, FileFormatError
from operators.tables.files.exact_values import WHOLE_IN_FLOAT
from operators.tables.files.json.encoding import json_values
from operators.tables.plain_types import is_encoded, is_list_like, plain_array, plain_type, with_children


def common_schema(paths: Sequence[str], schemas: Sequence[pa.Schema], declared: Mapping[str, pa.DataType]) -> pa.Schema:
    """The columns of all files: those of `declared` in their declared type, dictionaries, views and run ends as plain values.

    Raises FileFormatError: a column of two types, a declared column that no file has, a column twice.
    """
    taken = [_taken(path, schema, declared) for path, schema in zip(paths, schemas, strict=True)]
    try:
        schema = pa.unify_schemas(taken)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise FileFormatError(f"{paths[0]} and the files beside it differ in a type: {error}. Declare the type, or read them apart.") from error
    if unknown := [name for name in declared if name not in set(schema.names)]:
        raise FileFormatError(f'types: no column "{unknown[0]}" in {paths[0]}; its columns are {", ".join(schema.names)}.')
    return schema


def conformed(batch: pa.RecordBatch, schema: pa.Schema, path: str) -> pa.RecordBatch:
    """The batch with the columns of `schema`; one that the file lacks is null. Raises FileFormatError where a value would change."""
    if not schema.names:
        return batch.select([])
    places = {name: place for place, name in enumerate(batch.schema.names)}
    arrays = []
    for field in schema:
        if field.name not in places:
            arrays.append(pa.nulls(batch.num_rows, field.type))
            continue
        column = batch.column(places[field.name])
        try:
            arrays.append(_as_type(column, field.type))
        except (pa.ArrowException, BadLine, FileFormatError) as error:
            raise FileFormatError(f'{path}: column "{field.name}" is {column.type} and cannot become {field.type}: {error}.') from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _taken(path: str, schema: pa.Schema, declared: Mapping[str, pa.DataType]) -> pa.Schema:
    if len(set(schema.names)) < len(schema.names):
        twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
        raise FileFormatError(f'{path}: has the column "{twice[0]}" twice. Rename one of them in the file.')
    types = [declared.get(field.name) or (plain_type(field.type) if is_encoded(field.type) else field.type) for field in schema]
    return pa.schema([field.with_type(type_) for field, type_ in zip(schema, types, strict=True)], metadata=schema.metadata)


def _as_type(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """The same values as another type; nested ones as JSON where text or JSON is asked for. Raises BadLine where one would change."""
    if array.type == type_:
        return array
    if is_encoded(array.type):
        return _as_type(plain_array(array, plain_type(array.type)), type_)
    if pa.types.is_struct(array.type) and pa.types.is_struct(type_):
        return with_children(_with_fields(array, type_), type_, _as_type)
    is_list = is_list_like(array.type) or pa.types.is_fixed_size_list(array.type)
    if (is_list and is_list_like(type_)) or (pa.types.is_map(array.type) and pa.types.is_map(type_)):
        return with_children(array, type_, _as_type)
    if pa.types.is_nested(array.type) and (type_ == pa.json_() or pa.types.is_string(type_)):
        texts = [None if value is None else orjson.dumps(value).decode() for value in json_values(array, "")]
        return text_as(pa.array(texts, pa.string()), type_)[0]
    if _is_text(array.type) and not (_is_text(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_)):
        found, mistakes = text_as(array.cast(pa.string()), type_)
        for reason in mistakes.values():
            raise BadLine(reason)
        return found
    found = array.cast(type_)
    if pa.types.is_decimal(array.type) and pa.types.is_floating(type_):
        _refuse_other_integers(array, found)  # fractions are the nearest float, as everywhere
    elif all(pa.types.is_primitive(kind) or pa.types.is_decimal(kind) for kind in (array.type, type_)):
        _refuse_changes(array, found)
    return found


def _with_fields(array: pa.StructArray, type_: pa.StructType) -> pa.StructArray:
    """The struct with the fields of `type_` in their order, those that it lacks null."""
    names = [field.name for field in array.type]
    kept = {field.name for field in type_}
    for place, name in enumerate(names):
        if name not in kept and array.flatten()[place].null_count < len(array):
            raise BadLine(f'its field "{name}" has values, and is not in the declared {type_}')
    children = [array.field(names.index(field.name)) if field.name in names else pa.nulls(len(array), field.type) for field in type_]
    if not children:
        return pa.array([None if missing else {} for missing in array.is_null().to_pylist()], type_)
    return pa.StructArray.from_arrays(children, names=[field.name for field in type_], mask=array.is_null() if array.null_count else None)


def _refuse_other_integers(before: pa.Array, after: pa.Array) -> None:
    large = pa.array(np.flatnonzero(np.abs(after.to_numpy(zero_copy_only=False)) >= WHOLE_IN_FLOAT[after.type.bit_width]))
    for number, nearest in zip(before.take(large).to_pylist(), after.take(large).to_pylist(), strict=True):
        if number == number.to_integral_value() and number != nearest:
            raise BadLine(f"{number} would become {nearest}")


def _refuse_changes(before: pa.Array, after: pa.Array) -> None:
    """Arrow rounds floats, drops the time of a day and makes every number but 0 true: what comes back has to be what was there."""
    back = after.cast(before.type)
    same = pc.fill_null(pc.equal(before, back), True)
    if pa.types.is_floating(before.type):
        same = pc.or_(same, pc.fill_null(pc.and_(pc.is_nan(before), pc.is_nan(back)), True))
    if not pc.all(same, min_count=0).as_py():
        place = same.index(False).as_py()
        raise BadLine(f"{before[place].as_py()} would become {after[place].as_py()}")


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))
