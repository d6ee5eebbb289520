"""Reading a table takes so much memory, however long it is; where its rows need more, it goes on with more and no row is lost or given twice."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest

from resources.warehouse import Warehouse, duckdb_reader
from resources.warehouse.duckdb_reader import DuckDbReader
from resources.warehouse.storage import WarehouseStorage

SCHEMA = pa.schema([("row_id", pa.string()), ("text", pa.string())])


def written(folder: Path, rows: int, size: int) -> WarehouseStorage:
    """A table of texts that no compression makes much smaller."""
    drawn = random.Random(0)
    table = Warehouse(folder).table("pipeline", "long")
    with table.writer(SCHEMA) as out:
        for first in range(0, rows, 1000):
            ids = [str(row) for row in range(first, min(first + 1000, rows))]
            out.write(pa.record_batch({"row_id": ids, "text": [drawn.randbytes(size // 2).hex() for _ in ids]}))
    return table


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[DuckDbReader]:
    """Those that were opened."""
    opened: list[DuckDbReader] = []
    init = DuckDbReader.__init__

    def noted(reader: DuckDbReader, file: duckdb_reader.PinnedFile) -> None:
        init(reader, file)
        opened.append(reader)

    monkeypatch.setattr(DuckDbReader, "__init__", noted)
    return opened


def held(reader: DuckDbReader) -> float:
    """Megabytes of pages that its engine keeps."""
    found = reader._engine.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone()
    assert found is not None
    return float(found[0]) / 1e6


def test_what_was_read_does_not_stay_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readers: list[DuckDbReader]) -> None:
    table = written(tmp_path, rows=40_000, size=2_000)
    monkeypatch.setattr(duckdb_reader, "MEGABYTES", 12)
    assert sum(batch.num_rows for batch in table.batches(["text"], 1000)) == 40_000
    assert 0 < max(held(reader) for reader in readers) < 18, "four vectors of its rows; the file has 40 MB"


def test_rows_that_need_more_are_read_with_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readers: list[DuckDbReader]) -> None:
    table = written(tmp_path, rows=6_000, size=12_000)
    monkeypatch.setattr(duckdb_reader, "MEGABYTES", 4)
    monkeypatch.setattr(duckdb_reader, "_VECTORS", 0)  # as where a few rows are many times as long as the mean
    batches = list(table.batches(["row_id", "text"], 700))
    assert pa.Table.from_batches(batches)["row_id"].to_pylist() == [str(row) for row in range(6_000)]
    assert any(reader._megabytes > 4 for reader in readers), "the first try was large enough: this shows nothing"
