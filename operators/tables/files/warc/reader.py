"""WARC and WET files as tables: a row for each answer of a web server (`response`), text taken from one (`conversion`), and `resource`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.batching import batches_of, batches_without_columns
from operators.tables.files.errors import BadLine, FileFormatError
from operators.tables.files.warc.pages import decoded, page_of_response
from operators.tables.files.warc.records import WarcRecord, warc_records

SCHEMA = pa.schema(
    [
        ("url", pa.string()),
        ("date", pa.string()),
        ("text", pa.string()),
        ("status", pa.int64()),
        ("content_type", pa.string()),
        ("charset", pa.string()),
        ("language", pa.string()),
        ("kind", pa.string()),
        ("record_id", pa.string()),
    ]
)
"""`date` is ISO 8601. `text` is the whole page of a response, HTML and all, and null for what is no text. `language` is what a WET file says."""

_NO_PAGES = ("warcinfo", "request", "metadata", "revisit", "continuation")
CHUNK_BYTES = 16 << 20


class WarcReader:
    """Records that are no pages (requests, metadata, revisits) give no row. The number of a bad row is that of its record in the file."""

    def __init__(self, paths: Sequence[str], declared: Mapping[str, pa.DataType]) -> None:
        self._paths = paths
        if declared:
            raise FileFormatError(
                f"types: the columns of a WARC file have their types: {', '.join(f'{field.name} {field.type}' for field in SCHEMA)}."
            )

    @property
    def schema(self) -> pa.Schema:
        return SCHEMA

    def count_rows(self) -> int:
        return sum(batch.num_rows for batch in self.batches([], 1 << 16, BadRows()))

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]:
        tables = (table for path in self._paths for table in _tables(path, bad))
        if columns:
            yield from batches_of(size, (table.select(list(columns)) for table in tables))
        else:
            yield from batches_without_columns(size, (table.num_rows for table in tables))


def _tables(path: str, bad: BadRows) -> Iterator[pa.Table]:
    rows: list[dict[str, Any]] = []
    weight = good = bad_here = 0
    for record in warc_records(path):
        try:
            row = _row(record)
        except BadLine as error:
            bad.add(path, record.number, f"record {record.number} {error}", record.content)
            bad_here += 1
            continue
        if row is None:
            continue
        rows.append(row)
        good += 1
        weight += len(record.content)
        if len(rows) >= 1024 or weight >= CHUNK_BYTES:
            yield pa.Table.from_pylist(rows, schema=SCHEMA)
            rows, weight = [], 0
    if rows:
        yield pa.Table.from_pylist(rows, schema=SCHEMA)
    if bad_here and not good:
        raise FileFormatError(f"{path}: none of its {bad_here} records could be read. The last: {bad.rows[-1]}")


def _row(record: WarcRecord) -> dict[str, Any] | None:
    """None for a record that holds no page. Raises BadLine."""
    if record.fault:
        raise BadLine(record.fault)
    headers = record.headers
    kind = headers.get("warc-type", "").lower()
    if kind in _NO_PAGES:
        return None
    if headers.get("warc-truncated"):
        raise BadLine(f"was cut when it was fetched (WARC-Truncated: {headers['warc-truncated']})")
    common = {
        "url": headers.get("warc-target-uri", "").strip("<>") or None,
        "date": headers.get("warc-date"),
        "language": headers.get("warc-identified-content-language"),
        "kind": kind,
        "record_id": headers.get("warc-record-id"),
    }
    content_type = headers.get("content-type", "").lower()
    if kind == "response" and (content_type.startswith("application/http") or record.content.startswith(b"HTTP/")):
        page = page_of_response(record.content)
        return common | {"text": page.text, "status": page.status, "content_type": page.content_type or None, "charset": page.charset}
    if kind in ("response", "resource", "conversion"):
        plain, _, _ = content_type.partition(";")
        is_text = plain.startswith("text/")
        return common | {
            "text": decoded(record.content, "utf-8") if is_text else None,
            "content_type": plain.strip() or None,
            "charset": "utf-8" if is_text else None,
        }
    raise BadLine(f'is of the kind "{kind}", which is not known')
