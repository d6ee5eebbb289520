"""What a user sees of an asset: printed lines, numbers over time, pictures, samples, parameters, prompts, models, and what changed and why."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dataflow_assets.maintenance import maintenance_definitions
from dataflow_assets.showing.histogram import Histogram
from dataflow_assets.showing.lines import duration, finished_line, progress_line
from dataflow_assets.showing.word_diff import word_diff
from operators.asking.answers import Usage
from operators.engine.report import Report
from resources.warehouse import Warehouse
from tests.dataflow_assets.small_pipelines import definitions, documents
from tests.resources.llm.fault_server import FaultServer, running

ROOT = Path(__file__).parents[2]
TEXTS = ["one  two three", "four five six", "seven eight", "short", "nine ten eleven twelve"]
MOST_SHOWN_IN_PLACE = 1000
"""Characters of Markdown that Dagster's UI shows without a click."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    with running() as server:
        monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server.address)
        monkeypatch.setenv("DATAFLOW_LLM_MODEL", "mock")
        yield server


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


def run(tmp_path: Path, instance: dg.DagsterInstance, *texts: str, **attributes: Any) -> dict[str, dict[str, Any]]:
    """Stage -> metadata of its materialization."""
    source = documents(tmp_path / "documents.jsonl", *(texts or TEXTS))
    job = definitions(source, str(tmp_path / "warehouse"), **attributes).resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    return {
        event.asset_key.path[1]: {name: value.value for name, value in event.materialization.metadata.items()}
        for event in result.get_asset_materialization_events()
    }


def test_an_asset_shows_numbers_samples_parameters_prompts_and_models(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    shown = run(tmp_path, instance)
    numbers = {"dagster/row_count", "rows_in", "rows_rejected", "keep_rate", "seconds"}
    assert all(numbers <= set(stage) for stage in shown.values())
    assert shown["long_enough"]["keep_rate"] == 0.8
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(shown["clean"]["before_and_after"])
    assert re.search(r"one\s*<s>··</s>\s*<strong>·</strong>\s*two three", page)
    assert "| WordCountFilter | **min_words** | **2** | set |" in shown["long_enough"]["parameters"]
    assert "| WordCountFilter | max_words |" in shown["long_enough"]["parameters"]
    assert "You are a judge." in shown["rate"]["prompt"]
    assert "min = 3" in shown["good"]["near_threshold"]
    for stage in ("rate", "good", "all"):
        assert "**mock**" in shown[stage]["judged_by"], "the model is named on every table that it judged, and on those made of them"
    assert "judged_by" not in shown["clean"]
    assert re.search(r"dataflow trace [0-9a-f]{8}-[0-9a-f]{4}\n", shown["long_enough"]["look"])
    described = {column.name: column.description for column in shown["good"]["dagster/column_schema"].columns}
    assert described["educational_value"].startswith("made by rate (EducationalValueEvaluator, score)")
    assert described["text"] == "of the source documents; rewritten by clean"


def test_a_histogram_is_a_picture_that_dagster_shows_in_place(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    picture = run(tmp_path, instance)["rate"]["histogram of educational_value"]
    [encoded] = re.findall(r"!\[histogram\]\(data:image/svg\+xml;base64,([^)]+)\)", picture)
    assert base64.b64decode(encoded).startswith(b"<svg xmlns=")
    assert len(picture) < MOST_SHOWN_IN_PLACE


@settings(deadline=None)
@given(st.lists(st.floats() | st.integers(-(2**53), 2**53).map(float) | st.none(), max_size=200))
def test_every_number_is_in_a_bar_or_has_no_value_and_the_picture_stays_small(numbers: list[float | None]) -> None:
    found = Histogram.of(pa.chunked_array([pa.array(numbers, pa.float64())]))
    assert sum(count for _, count in found.bars) + found.nulls == len(numbers)
    assert len(found.markdown()) < MOST_SHOWN_IN_PLACE


def test_a_second_run_says_what_changed_and_why(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    first = run(tmp_path, instance)
    assert not any("changed_since_last" in stage for stage in first.values())
    same = run(tmp_path, instance)
    assert same["all"]["changed_since_last"] == "the same 4 rows"
    other = run(tmp_path, instance, *TEXTS[:-1], "another text of the source")
    assert other["documents"]["changed_since_last"].startswith("1 rows added, 1 removed, 0 changed\n\nbecause of\n\n- source")
    assert "- input: documents has other rows" in other["clean"]["changed_since_last"]
    stricter = run(tmp_path, instance, *TEXTS[:-1], "another text of the source", parameters={"system": "You are strict."})
    assert "- prompt: the system of EducationalValueEvaluator.prompt" in stricter["rate"]["changed_since_last"] or server.counts.requests == 4
    assert stricter["clean"]["changed_since_last"] == "the same 5 rows"


def test_the_description_that_a_list_shows_says_what_a_stage_does(tmp_path: Path) -> None:
    defs = definitions("installed_documentation", str(tmp_path))
    graph = defs.resolve_asset_graph()
    said = {key.path[1]: str(graph.get(key).description).splitlines()[0] for key in graph.get_all_asset_keys()}
    assert not any(line.startswith(("In one scan", "- ")) for line in said.values())
    assert said["clean"].startswith("Make every Unicode space a plain one")
    references = graph.get(dg.AssetKey(["rated", "clean"])).metadata["dagster/code_references"].code_references
    assert [reference.label for reference in references] == ["clean in the pipeline"]


def test_data_sets_and_a_report_are_assets(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    export = [str(tmp_path / "out.parquet"), {"format": "hugging_face", "path": str(tmp_path / "hf"), "splits": {"train": 0.5, "test": 0.5}}]
    shown = run(tmp_path, instance, export=export, report=str(tmp_path / "report"))
    assert shown["export_hugging_face"]["dagster/row_count"] == 4
    assert "**mock**" in shown["export_hugging_face"]["judged_by"]
    assert "**mock**" in shown["export"]["judged_by"]
    assert {file.name for file in (tmp_path / "report").iterdir()} == {"report.html", "README.md", "croissant.json"}
    assert "mock" in (tmp_path / "report" / "report.html").read_text()


def test_old_versions_go_as_defs_yaml_says(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    for number in range(4):
        run(tmp_path, instance, *TEXTS, f"one more text, number {number}", keep_versions=2)
    assert len(Warehouse(tmp_path / "warehouse").table("rated", "all").versions()) == 2


def test_the_maintenance_job_collects_all_tables(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    from dataflow_assets.resources import WarehouseResource

    table = Warehouse(tmp_path / "warehouse").table("p", "s")
    for number in range(5):
        table.write(pa.table({"number": [number]}))
    resources = {"warehouse": WarehouseResource(root=str(tmp_path / "warehouse"))}
    defs = dg.Definitions.merge(maintenance_definitions(), dg.Definitions(resources=resources))
    config = {"ops": {"collect_versions": {"config": {"keep": 2}}}}
    assert defs.resolve_job_def("maintenance").execute_in_process(instance=instance, run_config=config).success
    assert len(table.versions()) == 2


def test_dagster_job_execute_prints_a_line_for_each_stage(tmp_path: Path, server: FaultServer) -> None:
    """As a user runs it, on the instance that the project ships."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
    source = documents(tmp_path / "documents.jsonl", *TEXTS)
    more = {"RATED_SOURCE": source, "DATAFLOW_WAREHOUSE": str(tmp_path / "warehouse"), "DAGSTER_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [str(Path(sys.executable).with_name("dagster")), "job", "execute", "-m", "tests.dataflow_assets.small_pipelines", "-j", "rated"]
    done = subprocess.run(command, env={**os.environ, **more}, capture_output=True, text=True, timeout=240, cwd=tmp_path, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert re.search(r"rated\.documents: read 5 rows in [\d.]+ s", said)
    assert re.search(r"rated\.long_enough: kept 4 of 5 rows \(80\.0%\) in [\d.]+ s; most dropped by WordCountFilter: 1 of 1", said)
    assert re.search(r"rated\.rate: kept 4 of 4 rows in [\d.]+ s; llm: 4 calls, 120 tokens.* \(mock\)", said)
    assert "BetaWarning" not in said
    assert (home / "history" / "runs.db").exists(), "the history is where Dagster keeps it"


def test_progress_says_speed_time_left_and_money() -> None:
    report = Report("Rate", usage={"llm": Usage(calls=118, cached=2, prompt_tokens=40_000, completion_tokens=5_210, cost_usd=0.0123, model="m")})
    line = progress_line("web_text.rate", 120, 1000, 30.0, report)
    assert line == "web_text.rate: 120 of 1,000 rows, 4.0 rows/s, 3 min 40 s left; llm: 118 calls, 2 cached, 45,210 tokens, $0.0123 (m)"
    assert finished_line("a", Report("X", rows_in=3, rows_out=9), "generate").startswith("a: made 9 rows of 3 in")
    assert [duration(seconds) for seconds in (0.44, 12, 215, 7500)] == ["0.4 s", "12 s", "3 min 35 s", "2 h 5 min"]


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_a_word_diff_of_short_texts_can_be_read_both_ways(old: str, new: str) -> None:
    pieces = word_diff(old, new, lambda text: json.dumps(["=", text]), lambda text: json.dumps(["-", text]), lambda text: json.dumps(["+", text]))
    told = [json.loads(piece) for piece in re.findall(r'\["[=+-]", "(?:[^"\\]|\\.)*"\]', pieces)]
    if not any("…" in text for _, text in told):
        assert "".join(text for kind, text in told if kind != "+") == old
        assert "".join(text for kind, text in told if kind != "-") == new
