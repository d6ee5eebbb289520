"""`Pipeline.run`: everything checked first, then the tables of all stages, in memory or kept in a warehouse."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from operators import Filter, Handle, Input, MemoryStorage, Pipeline, Sequential
from operators.generic.join import Union
from operators.tables.errors import CompileError, StageFailed
from operators.testing import ScriptedServing
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.raters.educational_value import EducationalValueEvaluator
from operators.text.rules.whole_text import WordCountFilter
from resources.warehouse import Warehouse

TEXTS = {"001": "one  two three", "002": "two words", "003": "one two three", "004": None}
ROWS = [{"id": name, "text": text} for name, text in TEXTS.items()]


class Cleaning(Pipeline):
    """Clean texts of three words, once each."""

    def __init__(self, min_words: int = 3, rate: bool = False) -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.long = WordCountFilter(min_words=min_words)
        self.unique = ExactDedup()
        if rate:
            self.rate = EducationalValueEvaluator()

    def forward(self, documents: Handle) -> Handle:
        unique = self.unique(self.long(self.clean(documents)))
        return self.rate(unique) if "rate" in self.operators() else unique


class TwoSources(Pipeline):
    """Two tables, each cleaned, and together."""

    expects: ClassVar = {"pages": {"text": str}, "books": {"text": str}}

    def __init__(self) -> None:
        self.page = WordCountFilter(min_words=2)
        self.book = WordCountFilter(min_words=3)
        self.all = Union()

    def forward(self, pages: Handle, books: Handle) -> tuple[Handle, Handle]:
        page, book = self.page(pages), self.book(books)
        return self.all(page, book), book


def test_the_result_has_the_table_of_every_stage_and_what_was_set_aside_where_and_why() -> None:
    result = Cleaning().run(ROWS)
    assert result.table.select(["id", "text"]).to_pylist() == [{"id": "001", "text": "one two three"}]
    assert list(result) == ["documents", "clean", "long", "unique"]
    assert result["clean"]["text"].to_pylist() == ["one two three", "two words", "one two three", None]
    assert [(row["stage"], row["rejected_by"], row["id"]) for row in result.rejected.to_pylist()] == [
        ("long", "WordCountFilter", "004"),
        ("long", "WordCountFilter", "002"),
        ("unique", "ExactDedup", "003"),
    ]
    assert {stage: (report.rows_in, report.rows_out) for stage, report in result.report.items()} == {
        "documents": (4, 4),
        "clean": (4, 4),
        "long": (4, 2),
        "unique": (2, 1),
    }
    assert result.to_pandas()["id"].tolist() == ["001"]
    assert result.to_pandas("documents")["id"].tolist() == ["001", "002", "003", "004"]
    assert len(result.rejected_to_pandas()) == 3
    with pytest.raises(KeyError, match=r'no stage "uniqe".* did you mean "unique"'):
        result["uniqe"]


def test_it_shows_itself() -> None:
    result = Cleaning().run(ROWS)
    assert repr(result).splitlines()[0] == "cleaning: 1 rows in unique"
    assert "  long       WordCountFilter  4   2    2          WordCountFilter 2" in repr(result)
    assert "duplicate of" in result._repr_html_()


def test_a_row_is_traced_by_the_first_characters_of_its_id() -> None:
    result = Cleaning().run(ROWS)
    by_id = {row["id"]: row["row_id"] for row in result["documents"].to_pylist()}
    story = result.trace(by_id["003"][:12])
    assert [(step.stage, step.event) for step in story.steps] == [("documents", "read"), ("clean", "kept"), ("long", "kept"), ("unique", "dropped")]
    assert f"duplicate of {by_id['001']}" in str(story)
    assert [step.event for step in result.trace(by_id["001"]).steps] == ["read", "changed", "kept", "kept"]
    with pytest.raises(KeyError, match="no stage of cleaning had a row zzz"):
        result.trace("zzz")
    with pytest.raises(KeyError, match="4 rows begin with"):
        result.trace("")


def test_files_are_written_at_the_end_with_all_reasons(tmp_path: Path) -> None:
    outputs = {"unique": tmp_path / "kept.parquet", "clean": tmp_path / "clean.jsonl"}
    result = Cleaning().run(ROWS, output=outputs, rejected=tmp_path / "rejected.jsonl")
    assert pq.read_table(outputs["unique"]).equals(result.table)
    assert len(outputs["clean"].read_text().splitlines()) == 4
    rejected = [json.loads(line) for line in (tmp_path / "rejected.jsonl").read_text().splitlines()]
    assert [(row["stage"], row["rejected_reason"]) for row in rejected][:2] == [
        ("long", "text is null"),
        ("long", "WordCountFilter: words = 2, below min_words = 3"),
    ]


def test_a_warehouse_keeps_the_same_tables(tmp_path: Path) -> None:
    in_memory = Cleaning().run(ROWS)
    kept = Cleaning().run(ROWS, warehouse=tmp_path / "tables", output=tmp_path / "kept.parquet")
    for stage in in_memory:
        assert kept[stage].equals(in_memory[stage])
    assert kept.rejected.equals(in_memory.rejected)
    assert repr(kept) == repr(in_memory)
    assert Warehouse(tmp_path / "tables").table("cleaning", "unique").read().equals(kept.table)
    assert pq.read_table(tmp_path / "kept.parquet").equals(kept.table)
    row_id = kept["documents"]["row_id"][1].as_py()
    assert str(kept.trace(row_id)) == str(in_memory.trace(row_id))


def test_several_sources_are_given_by_keyword_or_as_a_mapping() -> None:
    by_keyword = TwoSources().run(pages=["a b", "a"], books=pa.table({"text": ["a b c", "a b"]}))
    by_mapping = TwoSources().run({"pages": ["a b", "a"], "books": {"text": ["a b c", "a b"]}})
    assert by_keyword["all"]["text"].to_pylist() == ["a b", "a b c"]
    assert by_mapping["all"].equals(by_keyword["all"])
    with pytest.raises(ValueError, match=r'two_sources has 2 results: take result\["all"\], result\["book"\]'):
        _ = by_keyword.table
    assert "all" in by_keyword
    assert "book" in repr(by_keyword)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(CompileError) as raised:
        TwoSources().run(pages=tmp_path / "pages.jsonl", books=[{"txt": "a"}], book=["a"], output={"al": "x.jsonl", "all": "x.foo"})
    said = str(raised.value)
    assert said.startswith("5 problems")
    for part in ('there is no source "book"', "pages.jsonl: no such file", 'column "text" does not exist in the source "books"'):
        assert part in said
    assert 'did you mean "text"' not in said or "txt" in said
    with pytest.raises(CompileError, match=r"2 sources, and the rows of one are given\n  run\(pages=..., books=...\)"):
        TwoSources().run(["a"])
    with pytest.raises(CompileError, match='the source "documents" is not given'):
        Cleaning().run()


def test_a_resource_that_nobody_can_open_is_a_problem_before_anything_runs() -> None:
    class Clock(Filter):
        """Keep what the clock says."""

        needs: ClassVar = ("clock_of_nobody",)
        input_text = Input(str)

        def keep(self, text: str, clock_of_nobody: Any) -> bool:
            return bool(clock_of_nobody)

    class Timed(Pipeline):
        """Ask the clock."""

        def __init__(self) -> None:
            self.clock = Clock()

        def forward(self, documents: Handle) -> Handle:
            return self.clock(documents)

    with pytest.raises(CompileError, match=r'timed\.clock: needs the resource "clock_of_nobody"'):
        Timed().run(["a"])
    assert Timed().run(["a"], resources={"clock_of_nobody": True}).table.num_rows == 1


def test_the_resources_given_are_those_asked_and_an_event_loop_may_run() -> None:
    serving = ScriptedServing()

    async def cell() -> Any:
        return Cleaning(rate=True).run(ROWS, resources={"llm": serving})

    result = asyncio.run(cell())
    assert result.report["rate"].usage["llm"].calls == len(serving.requests) == 1
    assert "1 calls of llm" in repr(result)


def test_a_stage_that_fails_leaves_no_file(tmp_path: Path) -> None:
    class Fails(Filter):
        """Raises."""

        input_text = Input(str)

        def keep(self, text: str) -> bool:
            raise ValueError("never")

    class Failing(Pipeline):
        """One stage that fails."""

        def __init__(self) -> None:
            self.fails = Fails()

        def forward(self, documents: Handle) -> Handle:
            return self.fails(documents)

    with pytest.raises(StageFailed, match="ValueError: never"):
        Failing().run(["a"], output=tmp_path / "kept.jsonl", rejected=tmp_path / "aside.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_only_the_first_rows_of_a_source_and_lines_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"text": f"one two {number}"}) + "\n" for number in range(40)) + "{broken\n")
    assert Cleaning().run(path, limit=10).table.num_rows == 10
    whole = Cleaning().run(path)
    assert (whole.report["documents"].rows_in, whole.report["documents"].failed) == (41, 1)
    [unreadable] = [row for row in whole.rejected.to_pylist() if row["stage"] == "documents"]
    assert (unreadable["line"], unreadable["excerpt"]) == (41, "{broken")


def test_an_empty_table_runs_through() -> None:
    result = Cleaning().run(MemoryStorage(pa.table({"text": pa.array([], pa.string())})))
    assert (result.table.num_rows, result.rejected.num_rows) == (0, 0)
    assert result.table.schema.names == ["row_id", "text"]
