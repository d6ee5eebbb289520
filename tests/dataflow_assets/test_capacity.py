"""What a pipeline will take on more rows and cores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from dataflow_assets.cli.app import app
from dataflow_assets.cli.plan import advice
from dataflow_assets.running import capacity as module
from dataflow_assets.running.capacity import BASE_BYTES, EFFICIENCY, Capacity, Memory, StageCapacity, capacity
from dataflow_assets.running.source_run import SourceRun
from dataflow_assets.running.stages import StageResult, load_source
from operators.core import registry
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from operators.text.duplicates.exact import ExactDedup
from operators.text.rules.whole_text import WordCountFilter
from resources.warehouse import Warehouse


class Short(Pipeline):
    """Texts of three words or more, each once."""

    def __init__(self) -> None:
        self.long = WordCountFilter(min_words=3)
        self.once = ExactDedup()

    def forward(self, texts: Handle) -> Handle:
        return self.once(self.long(texts))


def texts(count: int) -> MemoryStorage:
    """Every second is too short."""
    return MemoryStorage(pa.table({"text": [f"the text number {row}" if row % 2 else "short" for row in range(count)]}))


def of(rows: float, cores: int, monkeypatch: pytest.MonkeyPatch, seconds_a_row: float = 0.001, once: float = 0.5) -> dict[str, StageCapacity]:
    """With a clock that runs by the rows which have been through a stage."""
    storage = texts(400)
    plan = Short().compile({"texts": storage})
    clock = [0.0]
    results = SourceRun.results

    def timed(self: SourceRun, *given: Any) -> Iterator[StageResult]:
        for result in results(self, *given):
            clock[0] += once + seconds_a_row * result.report.rows_in
            yield result

    monkeypatch.setattr(SourceRun, "results", timed)
    monkeypatch.setattr(module, "_cpu_seconds", lambda: clock[0])
    return {stage.stage: stage for stage in capacity(plan, {"texts": storage}, rows, cores, sample=400).stages}


def test_what_every_run_pays_and_what_every_row_pays_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    found = of(1_000_000, 1, monkeypatch)
    assert found["long"].rows == 1_000_000
    assert found["long"].core_hours == pytest.approx((0.5 + 0.001 * 1_000_000) / 3600)
    assert found["once"].rows == pytest.approx(500_000), "half of the rows come that far"
    assert found["once"].core_hours == pytest.approx((0.5 + 0.001 * 500_000) / 3600)


def test_stages_of_rows_are_divided_and_a_stage_that_holds_something_of_each_row_grows_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = of(1_000_000, 8, monkeypatch)
    long, once = found["long"], found["once"]
    assert (long.memory, once.memory) == ("row", "sketch")
    assert long.hours == pytest.approx(long.core_hours / (8 * EFFICIENCY))
    assert long.memory_bytes == 8 * BASE_BYTES
    assert once.memory_bytes > 8 * BASE_BYTES + 8 * 500_000, "a digest of 8 bytes or more of each row"
    assert found["texts"].hours == found["texts"].core_hours, "one process reads the source"


def test_a_table_takes_what_its_file_takes_and_grows_by_its_rows() -> None:
    storage = MemoryStorage(pa.table({"text": [f"{row:032x} " * 50 for row in range(8000)]}))
    plan = Short().compile({"texts": storage})
    with TemporaryDirectory() as folder:
        load_source(Warehouse(folder), plan.name, "texts", storage)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.duckdb"))
    found = capacity(plan, {"texts": storage}, 80_000, 1, sample=8000).stages[0]
    assert 5 * size < found.disk_bytes < 15 * size


def test_what_no_machine_holds_is_said_with_what_to_do() -> None:
    def stage(memory: Memory) -> StageCapacity:
        return StageCapacity(memory, "X", memory, 1e9, 1.0, 1.0, 300e9, 1e9, 0.0, None if memory == "row" else 0.0)

    said = " ".join(advice(Capacity("p", 1e9, 64, 400, (stage("row"), stage("sketch"), stage("table"))), memory_gb=256))
    assert "row does not fit into 256 GB: it takes 300 GB in all its processes together" in said
    assert "sketch does not fit into 256 GB: it holds a sketch of each row, 300 GB" in said
    assert "table does not fit into 256 GB: it holds all rows, 300 GB" in said
    assert "Tokens of row are unknown" in said
    assert "does not fit" not in " ".join(advice(Capacity("p", 1e9, 64, 400, (stage("table"),)), memory_gb=512))


def test_too_few_rows_tell_nothing() -> None:
    storage = texts(20)
    with pytest.raises(ParameterError, match="the source has 20 rows, too few"):
        capacity(Short().compile({"texts": storage}), {"texts": storage}, 1e6, 2)


def test_every_operator_says_what_it_holds_of_a_table() -> None:
    held = {cls.__name__: cls(**cls.example).memory for cls in registry.all_operators()}
    assert held["WordCountFilter"] == "row"
    assert held["MinHashDedup"] == held["ExactDedup"] == "sketch"
    assert {name for name, memory in held.items() if memory == "row"} == {cls.__name__ for cls in registry.all_operators() if cls.scope == "row"}


def test_the_command_shows_each_stage_and_what_does_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(f'{{"text": "the text number {row} of all, in a sentence of its own"}}\n' for row in range(200)), encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(app, ["plan", "web_text", "-s", "rate=false", "-i", str(file), "--rows", "1e9", "--cores", "64", "--memory-gb", "1"])
    assert done.exit_code == 0, done.output
    assert "1,000,000,000" in done.output
    assert "near does not fit into 1 GB: it holds a sketch of each row" in done.output
    assert "core hours" in done.output
