"""A hash of a table's rows in order: equal for equal content, in any process and however the rows were cut into batches."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class ContentHash:
    """Takes batches of stored types (see arrow_types) as they are written. BLAKE2b, 128 bits: about a second for a gigabyte."""

    def __init__(self, schema: pa.Schema, stored: pa.Schema) -> None:
        self._schema = schema
        self._columns = [_Column(field.type) for field in stored]
        self._rows = 0

    def update(self, batch: pa.RecordBatch) -> None:
        self._rows += batch.num_rows
        for column, array in zip(self._columns, batch.columns, strict=True):
            column.update(array)

    def hexdigest(self) -> str:
        total = hashlib.blake2b(digest_size=16)
        for field in self._schema:
            total.update(f"{field.name}\0{field.type}\0".encode())
        total.update(str(self._rows).encode())
        for column in self._columns:
            total.update(column.digest())
        return total.hexdigest()


class _Column:
    """Which values there are, how long they are and what they hold, each hashed as one stream, so that batches leave no trace."""

    def __init__(self, type_: pa.DataType) -> None:
        self._presence, self._lengths, self._values = (hashlib.blake2b(digest_size=16) for _ in range(3))
        self._children: list[_Column] = []
        if pa.types.is_struct(type_):
            self._children = [_Column(field.type) for field in type_]
        elif pa.types.is_list(type_) or pa.types.is_fixed_size_list(type_):
            self._children = [_Column(type_.value_type)]

    def digest(self) -> bytes:
        return b"".join([self._presence.digest(), self._lengths.digest(), self._values.digest(), *(child.digest() for child in self._children)])

    def update(self, array: pa.Array) -> None:
        type_ = array.type
        self._presence.update(_bytes(array.is_valid().cast(pa.uint8())))
        if array.null_count:
            array = array.drop_null()
        if not len(array):
            return
        if pa.types.is_struct(type_):
            for child, values in zip(self._children, array.flatten(), strict=True):
                child.update(values)
        elif self._children:
            self._lengths.update(_bytes(pc.list_value_length(array).cast(pa.int64())))
            self._children[0].update(array.flatten())
        elif pa.types.is_boolean(type_):
            self._values.update(_bytes(array.cast(pa.uint8())))
        elif pa.types.is_floating(type_):
            numbers = array.to_numpy(zero_copy_only=False)
            unknown = np.isnan(numbers)
            self._values.update(np.where(unknown, np.array(np.nan, numbers.dtype), numbers).tobytes() if unknown.any() else numbers.tobytes())
        elif pa.types.is_primitive(type_) or pa.types.is_decimal(type_) or pa.types.is_fixed_size_binary(type_):
            self._values.update(_bytes(array))
        else:
            self._update_texts(array)

    def _update_texts(self, array: pa.Array) -> None:
        wide = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
        offsets = np.frombuffer(array.buffers()[1], np.int64 if wide else np.int32)[array.offset : array.offset + len(array) + 1].astype(np.int64)
        self._lengths.update(np.diff(offsets).tobytes())
        if offsets[-1] > offsets[0]:
            self._values.update(memoryview(array.buffers()[2])[offsets[0] : offsets[-1]])


def _bytes(array: pa.Array) -> memoryview:
    """The values of an array of fixed width without nulls."""
    width = array.type.bit_width // 8
    return memoryview(array.buffers()[1])[array.offset * width : (array.offset + len(array)) * width]
