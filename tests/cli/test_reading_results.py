"""What a user reads of results: report, its page, diff with causes, lineage over pipelines, short ids, estimates, data sets."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

from resources.warehouse import Warehouse
from tests.cli.conftest import Dataflow

GREETINGS = ["  hello ", "hi", "good morning", "good evening to you", "a very good day to everybody here"]


@pytest.fixture
def greetings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dataflow: Dataflow) -> Path:
    path = tmp_path / "rows.jsonl"
    write(path, GREETINGS)
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "wh"))
    return path


def write(path: Path, texts: list[str]) -> None:
    path.write_text("".join(json.dumps({"row_id": f"u{number}", "text": text}) + "\n" for number, text in enumerate(texts)))


def run(dataflow: Dataflow, pipeline: Path, source: Path, *more: str) -> None:
    said = dataflow("run", f"{pipeline}:Greetings", "-i", source, "-o", "out.jsonl", "--warehouse", "wh", *more)
    assert said.status == 0, said.messages


def test_a_short_id_is_an_id(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    run(dataflow, greetings_file, greetings)
    (story,) = dataflow("trace", "u1", "--json").json
    assert (story["row_id"], story["steps"][-1]["event"]) == ("u1", "dropped")
    assert "5 rows start with u" in dataflow("trace", "u").messages
    assert "no current table" in dataflow("trace", "u9").messages


def test_an_id_that_begins_others_is_itself(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    write(greetings, [f"text number {number}" for number in range(12)])
    run(dataflow, greetings_file, greetings)
    assert [story["row_id"] for story in dataflow("trace", "u1", "--json").json] == ["u1"]


def test_a_users_own_table_is_told_and_counted_nowhere(dataflow: Dataflow, greetings_file: Path, greetings: Path, tmp_path: Path) -> None:
    run(dataflow, greetings_file, greetings)
    Warehouse(tmp_path / "wh").table("greetings", "mine").write(pa.table({"text": ["x"] * 190}))
    said = dataflow("report", "greetings").output
    assert "4 rows in greetings.measure, made from 5" in said
    assert "beside the pipeline, and in none of its numbers: mine (190 rows)" in said
    assert [stage["stage"] for stage in dataflow("report", "greetings", "--json").json] == ["greetings", "trim", "long", "measure"]


def test_the_page_of_a_report_stands_alone_and_shows_hostile_rows_as_text(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    write(greetings, [*GREETINGS, "<script>alert(1)</script>", '<img src="http://tracker.example/x.png">'])
    run(dataflow, greetings_file, greetings)
    said = dataflow("report", "greetings", "--html", "deep/page.html")
    assert said.status == 0, said.messages
    page = Path("deep/page.html").read_text()
    assert not re.findall(r"""<(?:script|link|img|iframe)|(?:src|href)=["']?http|url\(|@import""", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert all(word in page for word in ("TrimGreeting", "only 2 characters", "min_characters", "<svg", "<del>"))
    assert page.count("<section>") == 4


def test_a_diff_names_the_rows_and_the_cause(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    run(dataflow, greetings_file, greetings)
    assert "there is no older version" in dataflow("diff", "greetings.long").messages
    run(dataflow, greetings_file, greetings, "--set", "min_characters=13")
    found = dataflow("diff", "greetings.long", "--json").json
    assert (found["rows_before"], found["rows_after"], found["removed"], found["added"], found["changed"]) == (4, 2, 2, 0, 0)
    assert found["causes"] == ["parameter: LongGreetingFilter.min_characters = 13, before 3"]
    assert dataflow("diff", "greetings.trim", "--json").json["causes"] == []
    assert dataflow("diff", "greetings.measure", "--json").json["causes"] == ["input: long has other rows"]
    write(greetings, ["  hello  world, all of you ", *GREETINGS[1:], "and another one that is long"])
    run(dataflow, greetings_file, greetings, "--set", "min_characters=13")
    found = dataflow("diff", "greetings.trim", "--json").json
    assert (found["added"], found["changed"], found["changed_columns"]) == (1, 1, {"text": 1})
    assert found["causes"] == ["input: greetings has other rows"]
    assert dataflow("diff", "greetings.greetings", "--json").json["causes"] == ["source: its rows are others"]
    (old, new) = next(row for what, row in found["examples"] if what == "changed")["text"]
    assert (old, new) == ("hello", "hello  world, all of you")
    printed = dataflow("diff", "greetings.trim").output
    assert "because of input: greetings has other rows" in printed
    assert "added u5" in printed


def test_changed_code_is_a_cause(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    run(dataflow, greetings_file, greetings)
    greetings_file.write_text(greetings_file.read_text().replace("return text.strip()", 'return text.strip().replace("good", "fine")'))
    from operators.core import registry

    for name in ("TrimGreeting", "LongGreetingFilter", "GreetingLength", "EchoGreeting"):
        registry.registered.pop(name, None)
    run(dataflow, greetings_file, greetings)
    found = dataflow("diff", "greetings.trim", "--json").json
    assert (found["changed"], found["causes"]) == (3, ["code: of TrimGreeting, or of what it uses"])


def test_a_column_is_followed_over_pipelines(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    run(dataflow, greetings_file, greetings)
    said = dataflow("run", f"{greetings_file}:Echoes", "-i", "out.jsonl", "-o", "echoes.jsonl", "--warehouse", "wh")
    assert said.status == 0, said.messages
    found = dataflow("lineage", "echoes.echo.echo", "--json").json
    assert [name for _, name in found["from"] if name in ("echoes.trim.text", "greetings.measure.text", "greetings.greetings.text")] == [
        "echoes.trim.text",
        "greetings.measure.text",
        "greetings.greetings.text",
    ]
    to = [name for _, name in dataflow("lineage", "greetings.trim.text", "--json").json["to"]]
    assert {"greetings.measure.length", "echoes.echo.echo"} <= set(to)
    assert 'did you mean "greetings.trim.text"' in dataflow("lineage", "greetings.trim.txt").messages


def test_an_estimate_scales_a_sample_with_its_range_and_is_kept(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    write(greetings, ["long enough, this one"] * 700 + ["no"] * 300)
    arguments = ("estimate", f"{greetings_file}:Greetings", "-i", greetings, "--rows", "200", "--json")
    found = dataflow(*arguments).json
    stages = {stage["stage"]: stage for stage in found["stages"]}
    assert (found["source_rows"], found["sampled_rows"], found["measured_before"]) == (1000, 200, False)
    assert stages["trim"]["rows"] == {"likely": 1000, "low": pytest.approx(981, abs=1), "high": 1000}
    assert stages["measure"]["rows"]["low"] <= 700 <= stages["measure"]["rows"]["high"]
    assert stages["measure"]["rows"]["high"] - stages["measure"]["rows"]["low"] < 150
    again = dataflow(*arguments).json
    assert again == {**found, "measured_before": True}
    assert "1,000 rows in the source" in dataflow(*arguments[:-1]).output
    assert "is not deployed" in dataflow("estimate", f"{greetings_file}:Greetings").messages


def test_a_table_becomes_a_data_set_with_a_card(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    run(dataflow, greetings_file, greetings)
    said = dataflow("export", "greetings.measure", "-f", "alpaca", "-o", "ds", "--column", "instruction=text", "--column", "output=text", "--json")
    assert said.json["rows"] == {"train": 4}
    rows = json.loads(Path("ds/train.json").read_text())
    assert rows[0] == {"instruction": "hello", "input": "", "output": "hello"}
    card = Path("ds/README.md").read_text()
    assert card.startswith("---\npretty_name: greetings\n")
    assert "LongGreetingFilter (1)" in card
    assert dataflow("export", "greetings.measure", "-f", "alpaca", "-o", "ds", "--column", "instruction=text", "--column", "output=text").status == 0
    assert "say which column is what" in dataflow("export", "greetings.measure", "-f", "openai", "-o", "other").messages
    assert 'did you mean "alpaca"' in dataflow("export", "greetings.measure", "-f", "alpacca", "-o", "other").messages
    Path("precious").mkdir()
    Path("precious/thesis.tex").write_text("x")
    assert "holds files that no export wrote" in dataflow("export", "greetings.measure", "-f", "hugging_face", "-o", "precious").messages
    assert Path("precious/thesis.tex").exists()


def test_a_page_replaces_no_file_that_no_report_wrote(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    run(dataflow, greetings_file, greetings)
    before = greetings_file.read_text()
    assert dataflow("report", "greetings", "--html", str(greetings_file)).status == 2
    assert greetings_file.read_text() == before
    mine = Path("mine.html")
    mine.write_text("<p>mine</p>")
    said = dataflow("report", "greetings", "--html", "mine.html")
    assert (said.status, mine.read_text()) == (1, "<p>mine</p>")
    assert "no report wrote it" in said.messages
    mine.unlink()
    for _ in range(2):
        assert dataflow("report", "greetings", "--html", "mine.html").status == 0


def test_tables_of_a_pipeline_that_has_none_names_those_that_have(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    run(dataflow, greetings_file, greetings)
    assert "0 tables of greeting in" in (said := dataflow("tables", "greeting").output)
    assert "it has those of greetings." in said


def test_a_column_of_a_table_that_is_not_there_is_told_with_the_tables_that_are(dataflow: Dataflow, greetings_file: Path, greetings: Path) -> None:
    assert "has no table greetings.trim. It has no tables: is it the right place?" in dataflow("lineage", "greetings.trim.text").messages
    run(dataflow, greetings_file, greetings)
    said = dataflow("lineage", "greetings.trm.text")
    assert said.status == 1
    assert 'has no table greetings.trm. did you mean "greetings.trim"? Tables there: greetings.greetings, ' in said.messages
    assert 'did you mean "greetings.trim.text"?' in dataflow("lineage", "greetings.trim.txt").messages
