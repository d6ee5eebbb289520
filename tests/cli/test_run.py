"""dataflow run, and what can be asked of its tables: report, tables, sql, trace, gc."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Dataflow, Said


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def run(dataflow: Dataflow, greetings_file: Path, rows_file: Path) -> Said:
    said = dataflow(
        "run",
        f"{greetings_file}:Greetings",
        "--input",
        rows_file,
        "--output",
        "kept.jsonl",
        "--rejected",
        "rejected.jsonl",
        "--warehouse",
        "warehouse",
        "--json",
    )
    assert said.status == 0, said.messages
    return said


def test_run_writes_the_result_and_says_what_each_stage_did(run: Said, tmp_path: Path) -> None:
    assert [(row["text"], row["length"]) for row in lines(tmp_path / "kept.jsonl")] == [("hello", 5), ("good morning", 12)]
    counts = {stage["stage"]: (stage["rows_in"], stage["rows_out"], stage["rows_filtered"], stage["rows_failed"]) for stage in run.json}
    assert counts == {"greetings": (5, 5, 0, 0), "trim": (5, 4, 0, 1), "long": (4, 2, 2, 0), "measure": (2, 2, 0, 0)}


def test_every_row_set_aside_is_in_the_file_of_rejected_rows_with_stage_operator_and_reason(run: Said, tmp_path: Path) -> None:
    rejected = {
        row["text"]: (row["stage"], row["rejected_as"], row["rejected_by"], row["rejected_reason"]) for row in lines(tmp_path / "rejected.jsonl")
    }
    assert rejected == {
        "broken": ("trim", "failed", "TrimGreeting", "ValueError: this greeting cannot be trimmed"),
        "hi": ("long", "filtered", "LongGreetingFilter", "only 2 characters"),
        None: ("long", "filtered", "LongGreetingFilter", "text is null"),
    }


def test_the_share_of_rows_that_may_be_unreadable_can_be_raised(dataflow: Dataflow, greetings_file: Path, tmp_path: Path) -> None:
    (tmp_path / "half.jsonl").write_text('{"text": "good morning"}\n{"text": "good mor')
    command = ("run", f"{greetings_file}:Greetings", "-i", "half.jsonl", "-o", "kept.jsonl")
    refused = dataflow(*command)
    assert refused.status != 0
    assert "--max-unreadable" in refused.messages
    assert dataflow(*command, "--max-unreadable", "0.5").status == 0
    assert len(lines(tmp_path / "kept.jsonl")) == 1


def test_the_stages_are_shown_as_a_table(dataflow: Dataflow, greetings_file: Path, rows_file: Path) -> None:
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", rows_file, "-o", "kept.parquet")
    assert said.status == 0, said.messages
    assert "rows in" in said.output
    assert "2 rows in kept.parquet" in said.output
    assert pq.read_table("kept.parquet").column("text").to_pylist() == ["hello", "good morning"]


def test_limit_reads_only_the_first_rows(dataflow: Dataflow, greetings_file: Path, rows_file: Path, tmp_path: Path) -> None:
    dataflow("run", f"{greetings_file}:Greetings", "-i", rows_file, "-o", "kept.jsonl", "--limit", "1")
    assert [row["text"] for row in lines(tmp_path / "kept.jsonl")] == ["hello"]


def test_settings_change_what_is_run(dataflow: Dataflow, greetings_file: Path, rows_file: Path, tmp_path: Path) -> None:
    dataflow("run", f"{greetings_file}:Greetings", "-i", rows_file, "-o", "kept.jsonl", "--set", "long.min_characters=2")
    assert [row["text"] for row in lines(tmp_path / "kept.jsonl")] == ["hello", "hi", "good morning"]


def test_a_pipeline_with_mistakes_does_not_start(dataflow: Dataflow, greetings_file: Path, rows_file: Path, tmp_path: Path) -> None:
    said = dataflow("run", f"{greetings_file}:Wrong", "-i", rows_file, "-o", "kept.jsonl")
    assert said.status == 1
    assert said.messages.startswith("error 2 problems")
    assert not (tmp_path / "kept.jsonl").exists()


def test_an_output_format_that_does_not_exist_is_known_before_the_work(dataflow: Dataflow, greetings_file: Path, rows_file: Path) -> None:
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", rows_file, "-o", "kept.xlsx", "--warehouse", "warehouse")
    assert said.status == 1
    assert "xlsx" in said.messages
    assert not Path("warehouse").exists()


def test_a_stage_that_fails_says_why_and_how_to_go_on(dataflow: Dataflow, greetings_file: Path, rows_file: Path) -> None:
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", rows_file, "-o", "kept.jsonl", "-s", "trim.max_failed=0")
    assert said.status == 1
    assert "this greeting cannot be trimmed" in said.messages
    assert "max_failed" in said.messages
    assert "Traceback" not in said.messages


def test_report_shows_the_stages_of_the_last_run_and_where_to_go_next(run: Said, dataflow: Dataflow) -> None:
    said = dataflow("report", "greetings", "--warehouse", "warehouse")
    assert said.status == 0, said.messages
    assert "LongGreetingFilter (2)" in said.output
    assert "dataflow trace" in said.output
    asked = dataflow("report", "greetings", "--warehouse", "warehouse", "--json").json
    assert [stage["stage"] for stage in asked] == ["greetings", "trim", "long", "measure"]


def test_report_of_a_pipeline_without_tables_names_those_that_have_some(run: Said, dataflow: Dataflow) -> None:
    said = dataflow("report", "greeting", "--warehouse", "warehouse")
    assert said.status == 1
    assert 'did you mean "greetings"?' in said.messages


def test_tables_lists_what_the_warehouse_holds(run: Said, dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", "warehouse")
    listed = {row["stage"]: (row["rows"], row["rejected"]) for row in dataflow("tables", "--json").json}
    assert listed == {"greetings": (5, 0), "trim": (4, 1), "long": (2, 2), "measure": (2, 0)}


def test_sql_sees_every_stage_what_it_set_aside_and_its_run(run: Said, dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", "warehouse")
    assert dataflow("sql", "select text, length from greetings.measure", "--json").json == [
        {"text": "hello", "length": 5},
        {"text": "good morning", "length": 12},
    ]
    assert (
        dataflow("sql", "select rejected_reason from greetings.long__rejected where text = 'hi'", "--csv").output
        == "rejected_reason\nonly 2 characters\n"
    )
    assert dataflow("sql", "select rows_in from greetings.long__run", "--json").json == [{"rows_in": 4}]


def test_a_mistake_in_sql_is_one_message(run: Said, dataflow: Dataflow) -> None:
    said = dataflow("sql", "selekt 1", "--warehouse", "warehouse")
    assert said.status == 1
    assert "syntax error" in said.messages
    assert "Traceback" not in said.messages


def row_id(dataflow: Dataflow, table: str, text: str) -> str:
    return str(dataflow("sql", f"select row_id from {table} where text = '{text}'", "--json", "--warehouse", "warehouse").json[0]["row_id"])


def test_trace_tells_what_each_stage_made_of_a_row(run: Said, dataflow: Dataflow) -> None:
    wanted = row_id(dataflow, "greetings.measure", "hello")
    [story] = dataflow("trace", wanted, "--warehouse", "warehouse", "--json").json
    assert [(step["stage"], step["event"], step["changes"]) for step in story["steps"]] == [
        ("greetings", "read", [{"column": "text", "old": None, "new": "  hello "}]),
        ("trim", "changed", [{"column": "text", "old": "  hello ", "new": "hello"}]),
        ("long", "kept", []),
        ("measure", "changed", [{"column": "length", "old": None, "new": 5}]),
    ]


def test_trace_says_where_a_row_was_dropped_and_why_and_takes_the_start_of_an_id(run: Said, dataflow: Dataflow) -> None:
    said = dataflow("trace", row_id(dataflow, "greetings.trim", "hi")[:13], "--warehouse", "warehouse")
    assert said.status == 0, said.messages
    assert "dropped by LongGreetingFilter: only 2 characters" in said.output
    assert "measure" not in said.output


def test_trace_follows_rows_to_those_made_from_them_and_back(dataflow: Dataflow, greetings_file: Path, tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_text('{"text": " hey "}\n')
    said = dataflow("run", f"{greetings_file}:Echoes", "-i", "one.jsonl", "-o", "echoes.jsonl", "--warehouse", "warehouse")
    assert said.status == 0, said.messages
    first, second = lines(tmp_path / "echoes.jsonl")
    [parent] = first["parent_ids"]  # type: ignore[misc]
    above, story = dataflow("trace", first["row_id"], "--warehouse", "warehouse", "--json").json
    assert above["row_id"] == parent
    assert above["steps"][-1]["children"] == [first["row_id"], second["row_id"]]
    assert story["parent_ids"] == [parent]
    assert [step["event"] for step in story["steps"]] == ["made"]


def test_trace_of_an_unknown_row_says_how_to_find_ids(run: Said, dataflow: Dataflow) -> None:
    said = dataflow("trace", "nothing-like-this", "--warehouse", "warehouse")
    assert said.status == 1
    assert "dataflow sql" in said.messages


def test_gc_keeps_the_last_versions_and_the_current_one(dataflow: Dataflow, greetings_file: Path, rows_file: Path) -> None:
    for _ in range(3):
        dataflow("run", f"{greetings_file}:Greetings", "-i", rows_file, "-o", "kept.jsonl", "--warehouse", "warehouse")
    assert len(dataflow("tables", "--versions", "--json", "--warehouse", "warehouse").json) == 12
    assert "12 versions of 4 tables in warehouse" in dataflow("tables", "--versions", "--warehouse", "warehouse").output
    collected = dataflow("gc", "--keep", "1", "--warehouse", "warehouse", "--json").json
    assert len(collected["removed"]) == 8
    assert dataflow("tables", "--json", "--warehouse", "warehouse").json[0]["versions"] == 1
    assert dataflow("sql", "select count(*) as n from greetings.measure", "--json", "--warehouse", "warehouse").json == [{"n": 2}]


def test_no_source_and_more_rows_than_there_can_be(dataflow: Dataflow, greetings_file: Path, rows_file: Path) -> None:
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", "", "-o", "kept.jsonl")
    assert said.status == 1
    assert said.messages.startswith("error source: a source is either a path or a built_in")
    assert dataflow("run", f"{greetings_file}:Greetings", "-i", str(rows_file), "-o", "kept.jsonl", "--limit", str(10**20)).status == 0


@pytest.mark.parametrize(("raised", "status", "told"), [("KeyboardInterrupt", 130, "interrupted"), ("SystemExit('no licence')", 1, "no licence")])
def test_a_run_that_is_stopped_from_inside_says_so(
    dataflow: Dataflow, greetings_file: Path, rows_file: Path, raised: str, status: int, told: str
) -> None:
    greetings_file.write_text(greetings_file.read_text().replace("return text.strip()", f"raise {raised}"))
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", str(rows_file), "-o", "kept.jsonl")
    assert (said.status, said.messages.strip()) == (status, f"error {told}")
