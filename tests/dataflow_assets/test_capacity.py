"""What a pipeline will take on more rows and cores."""

from __future__ import annotations

import math
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
from dataflow_assets.running.capacity import BATCH_BYTES, DECIDING, EFFICIENCY, FULL_BYTES, START, Capacity, Memory, StageCapacity, capacity
from dataflow_assets.running.cold_run import ColdRun, cold_run
from dataflow_assets.running.source_run import SourceRun
from dataflow_assets.running.stages import StageResult, load_source
from operators.core import registry
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import ParameterError, StageFailed
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


COLD = ColdRun(cpu_seconds=10.0, peak_bytes=300e6)


def texts(count: int) -> MemoryStorage:
    """Every second is too short."""
    return MemoryStorage(pa.table({"text": [f"the text number {row}" if row % 2 else "short" for row in range(count)]}))


def of(rows: float, cores: int, monkeypatch: pytest.MonkeyPatch, seconds_a_row: float = 0.001, once: float = 0.5) -> dict[str, StageCapacity]:
    """With a clock that runs by the rows which have been through a stage."""
    storage = texts(4200)
    plan = Short().compile({"texts": storage})
    clock = [0.0]
    results = SourceRun.results

    def timed(self: SourceRun, *given: Any) -> Iterator[StageResult]:
        for result in results(self, *given):
            clock[0] += once + seconds_a_row * result.report.rows_in
            yield result

    monkeypatch.setattr(SourceRun, "results", timed)
    monkeypatch.setattr(module, "_cpu_seconds", lambda: clock[0])
    return {stage.stage: stage for stage in capacity(plan, {"texts": storage}, rows, cores, lambda _: COLD, sample=3200).stages}


def test_what_every_run_pays_and_what_every_row_pays_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    found = of(1_000_000, 1, monkeypatch)
    assert found["long"].rows == 1_000_000
    assert found["long"].core_hours == pytest.approx((0.5 + 0.001 * 1_000_000) / 3600)
    assert found["once"].rows == pytest.approx(500_000, rel=0.1), "half of the rows come that far"
    assert found["once"].core_hours == pytest.approx((0.5 + 0.001 * found["once"].rows) / 3600)


def test_stages_of_rows_are_divided_and_a_stage_that_holds_something_of_each_row_grows_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = of(1_000_000, 8, monkeypatch)
    long, once = found["long"], found["once"]
    assert (long.memory, once.memory) == ("row", "sketch")
    assert long.hours == pytest.approx(long.core_hours / (8 * EFFICIENCY))
    batches = COLD.peak_bytes + BATCH_BYTES * min(1.0, max(stage.disk_bytes for stage in found.values()) / FULL_BYTES)
    assert long.memory_bytes == pytest.approx(8 * batches)
    assert once.memory_bytes == pytest.approx(8 * batches + DECIDING * 64 * once.rows), "a sketch of 64 bytes of each row"
    assert found["texts"].hours == found["texts"].core_hours, "one process reads the source"


def test_a_stage_that_takes_no_longer_on_more_rows_takes_the_mean_of_them_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    storage, clock, results = texts(4200), [0.0], SourceRun.results

    def timed(self: SourceRun, *given: Any) -> Iterator[StageResult]:
        for result in results(self, *given):
            clock[0] += 0.032
            yield result

    monkeypatch.setattr(SourceRun, "results", timed)
    monkeypatch.setattr(module, "_cpu_seconds", lambda: clock[0])
    found = capacity(Short().compile({"texts": storage}), {"texts": storage}, 1_000_000, 1, lambda _: COLD, sample=3200)
    assert next(one for one in found.stages if one.stage == "long").core_hours == pytest.approx(0.032 / 3200 * 1_000_000 / 3600)
    assert {"texts", "long"} <= set(found.rough)
    assert any("only the order of magnitude is known" in line for line in advice(found, None))


def test_the_start_is_what_a_run_of_its_own_takes_beyond_its_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    found = of(1_000_000, 1, monkeypatch)
    in_stages = 3 * 0.5 + 0.001 * (3200 + 3200 + 1600)
    assert found[START].core_hours == pytest.approx((COLD.cpu_seconds - in_stages) / 3600, rel=0.1)
    assert found[START].memory_bytes == COLD.peak_bytes


def test_reading_the_source_is_counted_for_each_of_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = MemoryStorage.batches

    def slow(self: MemoryStorage, *given: Any, **named: Any) -> Iterator[pa.RecordBatch]:
        for rows in batches(self, *given, **named):
            if self is storage:
                clock[0] += 0.002 * rows.num_rows
            yield rows

    storage, clock = texts(400), [0.0]
    monkeypatch.setattr(MemoryStorage, "batches", slow)
    monkeypatch.setattr(module, "_cpu_seconds", lambda: clock[0])
    found = capacity(Short().compile({"texts": storage}), {"texts": storage}, 1_000_000, 1, lambda _: COLD, sample=100)
    assert found.stages[1].core_hours == pytest.approx(0.002 * 1_000_000 / 3600)


def test_a_decision_on_sketches_is_for_one_core_and_grows_as_sorting_does(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, combine = [0.0], ExactDedup.combine

    def slow(self: ExactDedup, tables: Any, resources: Any) -> pa.RecordBatch:
        clock[0] += 0.001 * tables[0].count_rows()
        return combine(self, tables, resources)

    monkeypatch.setattr(ExactDedup, "combine", slow)
    monkeypatch.setattr(module, "_cpu_seconds", lambda: clock[0])
    storage = texts(400)
    found = capacity(Short().compile({"texts": storage}), {"texts": storage}, 1e9, 8, lambda _: COLD, sample=400)
    once = next(stage for stage in found.stages if stage.stage == "once")
    assert once.hours == once.core_hours
    sampled = once.rows * found.sampled_rows / 1e9
    assert once.core_hours == pytest.approx(0.001 * once.rows * math.log(once.rows) / math.log(sampled) / 3600, rel=1e-3)


def test_a_run_of_the_sample_that_fails_says_what_it_said() -> None:
    plan = Short().compile({"texts": texts(40)})
    with pytest.raises(StageFailed, match=r"ended with [12]\. It said: (.|\n)*no_such_pipeline"):
        cold_run(plan, texts(40), "no_such_pipeline", [])


def test_a_table_takes_what_its_file_takes_and_grows_by_its_rows() -> None:
    storage = MemoryStorage(pa.table({"text": [f"{row:032x} " * 50 for row in range(8000)]}))
    plan = Short().compile({"texts": storage})
    with TemporaryDirectory() as folder:
        load_source(Warehouse(folder), plan.name, "texts", storage)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.duckdb"))
    found = capacity(plan, {"texts": storage}, 80_000, 1, lambda _: COLD, sample=8000).stages[1]
    assert 5 * size < found.disk_bytes < 15 * size


def test_what_no_machine_holds_is_said_with_what_to_do() -> None:
    def stage(memory: Memory) -> StageCapacity:
        return StageCapacity(memory, "X", memory, 1e9, 1.0, 1.0, 300e9, 1e9, 0.0, None if memory == "row" else 0.0, 449)

    said = " ".join(advice(Capacity("p", 1e9, 64, 400, (stage("row"), stage("sketch"), stage("table"))), memory_gb=256))
    assert "row does not fit into 256 GB: it takes 300 GB in all its processes together" in said
    assert "sketch does not fit into 256 GB: it holds a sketch of 449 bytes of each row, 300 GB" in said
    assert "table does not fit into 256 GB: it holds the columns that it reads, of all rows, 300 GB" in said
    assert "Tokens of row are unknown" in said
    assert "does not fit" not in " ".join(advice(Capacity("p", 1e9, 64, 400, (stage("table"),)), memory_gb=512))


def test_too_few_rows_tell_nothing() -> None:
    storage = texts(20)
    with pytest.raises(ParameterError, match="the source has 20 rows, too few"):
        capacity(Short().compile({"texts": storage}), {"texts": storage}, 1e6, 2, lambda _: COLD)


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
    assert "near does not fit into 1 GB: it holds a sketch of 449 bytes of each row" in done.output
    assert "sketch: 64 B a row" in done.output
    assert "of CPU time" in done.output
