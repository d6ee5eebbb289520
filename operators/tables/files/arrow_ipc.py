"""Arrow files (.arrow, .feather): the stream format that Hugging Face data sets are cached in, and the file format with a footer."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import IO

import pyarrow as pa

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.columnar import common_schema, conformed
from operators.tables.files.errors import FileFormatError, explained

_CHECKSUM = b"crc32"
_FILE_MAGIC = b"ARROW1"
_MESSAGE = b"\xff\xff\xff\xff"
_LENGTH_OF_END = b"\x00\x00\x00\x00"
"""The end is a message of no length; before Arrow 0.15 messages began with their length."""


class ArrowReader:
    """`declared` types are cast to, and a value that would change stops the reading. A column that one file lacks is null there.

    A stream that ends without its end mark is refused: nobody knows what is missing.
    """

    def __init__(self, paths: Sequence[str], declared: Mapping[str, pa.DataType]) -> None:
        self._paths = paths
        self._declared = declared

    @cached_property
    def schema(self) -> pa.Schema:
        schemas = []
        for path in self._paths:
            with _open(path) as (schema, _):
                schemas.append(schema)
        return common_schema(self._paths, schemas, self._declared)

    def count_rows(self) -> int:
        return sum(batch.num_rows for batch in self.batches([], 1 << 20, BadRows()))

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([self.schema.field(name) for name in columns], metadata=self.schema.metadata)
        for path in self._paths:
            with _open(path) as (_, found):
                for batch in found:
                    batch.validate(full=True)
                    for start in range(0, batch.num_rows, size):
                        yield conformed(batch.slice(start, size), wanted, path)


@contextmanager
def _open(path: str) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The schema and the batches, and inside the context whatever Arrow finds wrong as a FileFormatError."""
    with explained(path, "read"), open(path, "rb") as raw:  # noqa: PTH123 (errors of the system come with their number)
        head = raw.read(len(_FILE_MAGIC))
        raw.seek(0)
        try:
            if head == _FILE_MAGIC:
                with pa.ipc.open_file(raw) as file:
                    yield file.schema, (file.get_batch(index) for index in range(file.num_record_batches))
            else:
                with pa.ipc.open_stream(raw) as stream:
                    yield stream.schema, _to_the_end(stream, raw, path)
        except FileFormatError:
            raise
        except (pa.ArrowException, ValueError, IndexError, MemoryError) as error:
            raise _damaged(path, str(error)) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise _damaged(path, str(error)) from error


def _to_the_end(stream: pa.ipc.RecordBatchStreamReader, raw: IO[bytes], path: str) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch, metadata = stream.read_next_batch_with_custom_metadata()
        except StopIteration:
            break
        if metadata is not None and metadata.get(_CHECKSUM, b"") not in (b"", _checksum(batch)):
            raise _damaged(path, "the checksum of a batch does not fit its content")
        yield batch
    if rest := raw.read(8):
        raise _damaged(path, f"{len(rest)} bytes or more follow the end of the stream")
    raw.seek(0, 2)
    raw.seek(max(0, raw.tell() - 8))
    end = raw.read()
    raw.seek(0)
    if not end.endswith(_MESSAGE + _LENGTH_OF_END if raw.read(4) == _MESSAGE else _LENGTH_OF_END):
        raise _damaged(path, "the stream ends without its end mark")


def _damaged(path: str, why: str) -> FileFormatError:
    return FileFormatError(f"{path}: is not an Arrow file, or it is damaged or only a part of one ({why}). Write or fetch it again.")


def _checksum(batch: pa.RecordBatch) -> bytes:
    """CRC-32 of a batch as it is written."""
    return b"%08x" % zlib.crc32(batch.serialize())


class ArrowEncoder:
    """The stream format, which other programs can read while it grows. Buffers are not compressed, so that they can be mapped into memory.

    Arrow has no checksums: one stands beside each batch, where other programs pass it over.
    """

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._writer = pa.ipc.new_stream(file, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        # a slice is written without the rest of its buffers, and read so: the copy is what will be read
        whole = pa.Table.from_batches([batch]).combine_chunks().to_batches()[0] if batch.num_rows else batch
        self._writer.write_batch(whole, custom_metadata={_CHECKSUM: _checksum(whole)})

    def close(self) -> None:
        self._writer.close()
