"""Rows as JSON Lines or as one JSON array."""

from __future__ import annotations

from typing import Protocol

import orjson
import pyarrow as pa

from operators.tables.files.json.encoding import json_rows


class ByteSink(Protocol):
    """What bytes are written to: a file, or a compressing stream over one."""

    def write(self, data: bytes, /) -> object: ...


class JsonLinesEncoder:
    """One object a line."""

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink

    def write(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows:
            self._sink.write(b"\n".join([*map(orjson.dumps, json_rows(batch)), b""]))

    def close(self) -> None:
        """Nothing is left to write."""


class JsonArrayEncoder:
    """An array of objects, one a line."""

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink
        self._opening = b"[\n"

    def write(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows:
            self._sink.write(self._opening + b",\n".join(map(orjson.dumps, json_rows(batch))))
            self._opening = b",\n"

    def close(self) -> None:
        self._sink.write(b"[]\n" if self._opening == b"[\n" else b"\n]\n")
