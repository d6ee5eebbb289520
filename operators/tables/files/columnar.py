"""What files that bring their own Arrow schema have in common: one schema for all files, and columns taken to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from operators.tables.files.errors import FileFormatError


def common_schema(paths: Sequence[str], schemas: Sequence[pa.Schema], declared: Mapping[str, pa.DataType]) -> pa.Schema:
    """The columns of all files, dictionary columns as plain values, those of `declared` in their declared type.

    Raises FileFormatError: a column of two types, a declared column that no file has, a column twice.
    """
    plain = [_plain(path, schema) for path, schema in zip(paths, schemas, strict=True)]
    try:
        schema = pa.unify_schemas(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise FileFormatError(f"{paths[0]} and the files beside it differ in a type: {error}. Declare the type, or read them apart.") from error
    if unknown := [name for name in declared if name not in set(schema.names)]:
        raise FileFormatError(f'types: no column "{unknown[0]}" in {paths[0]}; its columns are {", ".join(schema.names)}.')
    return pa.schema([field.with_type(declared.get(field.name, field.type)) for field in schema], metadata=schema.metadata)


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
            arrays.append(column if column.type == field.type else column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise FileFormatError(f'{path}: column "{field.name}" is {column.type} and cannot become {field.type}: {error}.') from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _plain(path: str, schema: pa.Schema) -> pa.Schema:
    if len(set(schema.names)) < len(schema.names):
        twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
        raise FileFormatError(f'{path}: has the column "{twice[0]}" twice. Rename one of them in the file.')
    types = [field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in schema]
    return pa.schema([field.with_type(type_) for field, type_ in zip(schema, types, strict=True)], metadata=schema.metadata)
