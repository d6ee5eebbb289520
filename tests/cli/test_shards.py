"""Pipelines in shards on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Dataflow

PIPELINE = '''
from operators import Handle, Pipeline, Sequential
from operators.text.duplicates.exact import ExactDedup
from operators.text.rules.whole_text import WordCountFilter
from operators.text.cleaning.plain_text import NormalizeSpaces


class Pages(Pipeline):
    """Clean pages, and keep one of those that are equal."""

    def __init__(self) -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.quality = WordCountFilter(min_words=2)
        self.exact = ExactDedup()

    def forward(self, documents: Handle) -> Handle:
        return self.exact(self.quality(self.clean(documents)).gathered())
'''

DEFINITIONS = """
import dagster as dg

from dataflow_assets.component import PipelineComponent
from dataflow_assets.resources import WarehouseResource

pages = PipelineComponent(pipeline="{folder}/pages.py:Pages", source="{folder}/pages", partitions={{"source": "documents", "by": "file"}})
defs = dg.Definitions.merge(pages.definitions(), dg.Definitions(resources={{"warehouse": WarehouseResource()}}))
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages.py").write_text(PIPELINE)
    for number in range(3):
        texts = [f"page  {number}", "on  every page", "short"]
        (tmp_path / "pages" / f"pages-{number}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return tmp_path


def test_compile_shows_which_stages_run_on_each_shard_and_which_on_all(dataflow: Dataflow, pages: Path) -> None:
    shown = dataflow("compile", "pages.py:Pages", "--shards", "documents")
    assert "quality (all shards)" in shown.output
    assert "clean (each shard)" in shown.output
    compiled = dataflow("compile", "pages.py:Pages", "--shards", "documents", "--json").json
    assert [(stage["sharded"], stage["gathers"]) for stage in compiled["stages"]] == [(True, []), (True, []), (False, ["quality"])]


def test_run_takes_shard_by_shard_and_sql_report_tables_and_trace_tell_of_all(dataflow: Dataflow, pages: Path) -> None:
    arguments = ("--shards", "documents", "--warehouse", "tables", "--rejected", "rejected.jsonl", "--json")
    reports = {report["stage"]: report for report in dataflow("run", "pages.py:Pages", "-i", "pages", "-o", "out.jsonl", *arguments).json}
    assert list(reports) == ["documents", "clean", "quality", "exact"]
    assert [(report["rows_in"], report["rows_out"]) for report in reports.values()] == [(9, 9), (9, 9), (9, 6), (6, 4)]
    texts = [json.loads(line)["text"] for line in (pages / "out.jsonl").read_text().splitlines()]
    assert sorted(texts) == ["on every page", "page 0", "page 1", "page 2"]
    assert (pages / "rejected.jsonl").read_text().count("\n") == 5

    kept = dataflow("sql", "select shard, count(*) as n from pages.quality group by all order by 1", "--warehouse", "tables", "--json").json
    assert kept == [{"shard": f"pages-{number}", "n": 2} for number in range(3)]
    report = {stage["stage"]: stage for stage in dataflow("report", "pages", "--warehouse", "tables", "--json").json}
    assert (report["quality"]["rows"], report["quality"]["shards"]) == (6, 3)
    assert "3 shards" in dataflow("tables", "--warehouse", "tables").output
    listed = dataflow("tables", "--warehouse", "tables", "--json").json
    assert [row["shard"] for row in listed if row["stage"] == "clean"] == ["pages-0", "pages-1", "pages-2"]

    row = "select row_id from pages.documents where shard = 'pages-2' and text like 'on%'"
    row_id = dataflow("sql", row, "--warehouse", "tables", "--json").json[0]["row_id"]
    (story,) = dataflow("trace", row_id, "--warehouse", "tables", "--json").json
    assert [step["event"] for step in story["steps"]] == ["read", "changed", "kept", "dropped"]
    assert {"column": "shard", "old": None, "new": "pages-2"} in story["steps"][0]["changes"]


def test_a_diff_of_a_table_in_shards_asks_which(dataflow: Dataflow, pages: Path) -> None:
    dataflow("run", f"{pages}/pages.py:Pages", "-i", f"{pages}/pages", "--shards", "documents", "-o", "k.jsonl", "--warehouse", "wh")
    said = dataflow("diff", "pages.clean", "--warehouse", "wh")
    assert said.status == 1
    assert "pages.clean comes in shards, each with versions of its own: say which with --shard. It has " in said.messages


def test_a_source_that_is_not_files_has_no_shards(dataflow: Dataflow, pages: Path) -> None:
    refused = dataflow("run", "pages.py:Pages", "-i", "installed_documentation", "-o", "out.jsonl", "--shards", "documents")
    assert refused.status == 1
    assert "is not files" in refused.messages


def test_partitions_makes_files_partitions_and_drops_what_is_left_of_files_that_are_gone(
    dataflow: Dataflow, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pages / "sharded_pages_defs.py").write_text(DEFINITIONS.format(folder=pages))
    monkeypatch.syspath_prepend(str(pages))
    options = ("pages", "-m", "sharded_pages_defs", "--warehouse", "tables", "--json")
    first = dataflow("partitions", *options).json
    assert [(row["partition"], row["new"], row["tables"]) for row in first["partitions"]] == [(f"pages-{number}", True, 0) for number in range(3)]
    dataflow("run", "pages.py:Pages", "-i", "pages", "-o", "out.jsonl", "--shards", "documents", "--warehouse", "tables")
    (pages / "pages" / "pages-1.jsonl").unlink()
    second = dataflow("partitions", *options).json
    assert second["removed"] == ["pages-1"]
    assert second["left_tables"] == ["clean[pages-1]", "documents[pages-1]", "quality[pages-1]"]
    assert dataflow("partitions", *options, "--drop").json["left_tables"] == []
    left = dataflow("sql", "select distinct shard from pages.quality order by 1", "--warehouse", "tables", "--json").json
    assert left == [{"shard": "pages-0"}, {"shard": "pages-2"}]
    assert 'did you mean "pages"' in dataflow("partitions", "page", "-m", "sharded_pages_defs").messages
