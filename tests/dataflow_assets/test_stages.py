"""Stages over the warehouse: sources with bad rows, versions, facts, exports."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from dataflow_assets.running.stages import export_table, load_source, run_stage
from operators.tables.errors import StageFailed
from operators.tables.files import FileStorage
from operators.tables.storage import MemoryStorage
from resources.warehouse import Warehouse
from tests.pipeline.test_pipeline import Diamond


def lines(path: Path, *texts: str) -> FileStorage:
    path.write_text("".join(text + "\n" for text in texts))
    return FileStorage(path)


def test_a_source_gets_ids_and_keeps_unreadable_lines_aside(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "warehouse")
    good = [f'{{"text": "text {number}", "id": "{number:03d}"}}' for number in range(40)]
    result = load_source(warehouse, "demo", "documents", lines(tmp_path / "a.jsonl", *good, '{"text": "half'))
    assert (result.report.rows_in, result.report.rows_out, result.report.failed) == (41, 40, 1)
    assert result.table.schema.names == ["row_id", "text", "id"]
    assert result.table.read(["id"]).column(0).to_pylist()[:2] == ["000", "001"]
    aside = result.table.rejected().read().to_pylist()
    assert [(row["line"], row["excerpt"], row["rejected_as"]) for row in aside] == [(41, '{"text": "half', "failed")]


def test_too_many_unreadable_lines_fail_with_file_and_line(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "warehouse")
    with pytest.raises(StageFailed, match=r"1 of 2 rows of the source cannot be read, more than max_unreadable=0.05 allows.*a\.jsonl:2"):
        load_source(warehouse, "demo", "documents", lines(tmp_path / "a.jsonl", '{"text": "x"}', "{"))
    assert not warehouse.table("demo", "documents").exists()


def test_how_many_unreadable_lines_are_too_many_is_a_setting(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "warehouse")
    file = lines(tmp_path / "a.jsonl", '{"text": "x"}', "{")
    result = load_source(warehouse, "demo", "documents", file, max_unreadable=0.5)
    assert (result.report.rows_in, result.report.rows_out, result.report.failed) == (2, 1, 1)
    with pytest.raises(StageFailed, match="max_unreadable=0 allows"):
        load_source(warehouse, "demo", "documents", lines(tmp_path / "a.jsonl", *['{"text": "x"}'] * 100, "{"), max_unreadable=0)


def test_a_limit_reads_only_the_first_rows(tmp_path: Path) -> None:
    table = pa.table({"text": [f"text {number}" for number in range(5000)]})
    result = load_source(Warehouse(tmp_path), "demo", "documents", MemoryStorage(table), limit=3000)
    assert result.table.count_rows() == 3000


def test_a_branching_pipeline_runs_stage_by_stage_and_records_what_it_read(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    plan = Diamond(limit=3).compile()
    documents = MemoryStorage(pa.table({"text": ["a", "bb", "cccc", "dd", "a"]}))
    source = load_source(warehouse, plan.name, "documents", documents)
    results = {stage.name: run_stage(warehouse, plan, stage.name, {}) for stage in plan.stages}
    joined = results["joined"].table.read(["text", "length"]).to_pylist()
    assert [(row["text"], row["length"]) for row in joined] == [("A", 1), ("BB", 2), ("CCCC", 4), ("DD", 2), ("A", 1)]
    facts = results["all"].table.run_facts()
    assert facts["fingerprint"] == plan["all"].fingerprint
    assert facts["models"] == [], "no model was asked"
    assert facts["inputs"] == {"short": results["short"].table.version, "long": results["long"].table.version}
    rejected = results["short"].table.rejected().read(["text", "rejected_reason"]).to_pylist()
    assert rejected == [{"text": "CCCC", "rejected_reason": "length = 4, above max = 3"}]
    assert source.content_hash == load_source(warehouse, plan.name, "documents", documents).content_hash


def test_exports_are_written_in_every_format_and_replaced(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "warehouse")
    load_source(warehouse, "demo", "documents", MemoryStorage(pa.table({"text": ["a", None], "id": ["001", ""]})))
    paths = [tmp_path / "out" / f"rows.{ending}" for ending in ("jsonl", "parquet", "csv", "jsonl.gz")]
    for _ in range(2):
        assert set(export_table(warehouse, "demo", "documents", paths).values()) == {2}
    for path in paths:
        assert FileStorage(path).read(["text", "id"]).to_pylist() == [{"text": "a", "id": "001"}, {"text": None, "id": ""}]
