"""Row groups that several threads write at once: the same rows in the same order as one thread writes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from resources.warehouse import Warehouse, duckdb_draft


@pytest.mark.parametrize("cores", [1, 2, 16])
@pytest.mark.parametrize("size", [700, 5000])
def test_rows_keep_their_order_however_many_threads_write_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int, size: int) -> None:
    monkeypatch.setattr(duckdb_draft, "usable_threads", lambda: cores)
    monkeypatch.setattr(duckdb_draft, "ROW_GROUP_BYTES", 1 << 16)
    inserted: list[int] = []
    insert = duckdb_draft._Table._insert
    monkeypatch.setattr(duckdb_draft._Table, "_insert", lambda table, rows: (inserted.append(rows.num_rows), insert(table, rows))[1])
    numbers = range(40_000)
    table = pa.table(
        {
            "number": pa.array(numbers, pa.int64()),
            "text": [f"text {number}" * (number % 5) if number % 7 else None for number in numbers],
            "parts": [[{"name": str(number), "size": number}] * (number % 3) for number in numbers],
        }
    )
    store = Warehouse(tmp_path).table("pipeline", "stage")
    with store.writer_version(table.schema) as version:
        for batch in table.to_batches(max_chunksize=size):
            version.write(batch)
    assert store.current().read().equals(table)
    assert sum(inserted) == len(numbers)
    assert (max(inserted) > 2048) == (cores == 16), "more than one row group at once where there are cores"
