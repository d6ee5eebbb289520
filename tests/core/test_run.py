"""`Operator.run`: rows in, a result out."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from operators import FileStorage, MemoryStorage
from operators.core import extensions
from operators.engine.progress_bars import note, progress_bars
from operators.engine.report import Report
from operators.kernels import warm_up
from operators.tables.errors import ColumnError, ParameterError, StageFailed
from operators.testing import ScriptedServing
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.raters.educational_value import EducationalValueEvaluator
from operators.text.rules.whole_text import WordCountFilter

ROOT = Path(__file__).parents[2]
ROWS = [{"id": "001", "text": "one two three"}, {"id": "002", "text": "two words"}, {"id": "003", "text": None}]
THREE_WORDS = WordCountFilter(min_words=3)


def test_the_result_has_the_tables_and_the_numbers() -> None:
    result = THREE_WORDS.run(ROWS)
    assert result.table.select(["id", "text"]).to_pylist() == ROWS[:1]
    assert {row["id"]: row["rejected_reason"] for row in result.rejected.to_pylist()} == {
        "002": "WordCountFilter: words = 2, below min_words = 3",
        "003": "text is null",
    }
    assert (result.rows_in, result.rows_out, result.filtered, result.failed) == (3, 1, 2, 0)
    assert result.rejected_by == result.report.rejected_by == {"WordCountFilter": 2}
    assert result.to_pandas()["id"].tolist() == ["001"]
    assert result.rejected_to_pandas()["id"].tolist() == ["003", "002"]
    assert result.as_dict() == result.report.as_dict()


def test_the_result_shows_itself_in_a_terminal_and_in_a_notebook() -> None:
    result = THREE_WORDS.run([*ROWS, {"text": "<script>alert('no')</script> one two three"}])
    assert repr(result) == "WordCountFilter: 4 rows in, 2 out, 2 set aside\n  rows  set aside by\n  2     WordCountFilter"
    shown = result._repr_html_()
    assert "text is null" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("name", ["kept.jsonl", "kept.csv", "kept.tsv", "kept.json.gz", "kept.parquet"])
def test_results_go_to_files_and_are_read_from_there_with_their_types(name: str, tmp_path: Path) -> None:
    rows = [{"id": "001", "number": 12345678901234567, "share": 0.5, "yes": True, "tags": ["a"], "text": "one two three"}]
    result = THREE_WORDS.run(rows, output=tmp_path / name, rejected=tmp_path / f"not-{name}")
    assert FileStorage(tmp_path / name).count_rows() == 1
    assert result.table.equals(THREE_WORDS.run(rows).table)
    assert result.rejected.num_rows == 0


def test_without_an_output_nothing_is_written_anywhere() -> None:
    storage = MemoryStorage(THREE_WORDS.run(ROWS).table)
    before = storage.read()
    assert NormalizeSpaces().run(storage).rows_out == 1
    assert storage.read() is before or storage.read().equals(before)


def test_into_is_another_name_of_output(tmp_path: Path) -> None:
    kept = MemoryStorage()
    assert THREE_WORDS.run(ROWS, into=kept).table.equals(kept.read())
    with pytest.raises(ParameterError, match="two names of one thing"):
        THREE_WORDS.run(ROWS, into=kept, output=tmp_path / "kept.jsonl")


def test_a_file_is_not_overwritten_by_what_is_made_of_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROWS[0]) + "\n")
    before = path.read_bytes()
    with pytest.raises(ParameterError, match=r"output: .*is read as the input"):
        THREE_WORDS.run(path, output=path)
    with pytest.raises(ParameterError, match=r"rejected: .*is the same file as output"):
        THREE_WORDS.run(path, output=tmp_path / "a.csv", rejected=tmp_path / "a.csv")
    assert path.read_bytes() == before


def test_columns_are_bound_and_checked() -> None:
    assert THREE_WORDS.run([{"body": "one two three"}], input_text="body").rows_out == 1
    with pytest.raises(ColumnError, match=r'column "text" does not exist'):
        THREE_WORDS.run([{"txt": "one two three"}])


def test_unreadable_lines_are_said_and_too_many_of_them_fail(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [json.dumps({"text": f"one two three {number}"}) for number in range(30)]
    path.write_text("\n".join([*lines, "{broken"]) + "\n")
    result = THREE_WORDS.run(path)
    assert (result.rows_out, result.unreadable_rows, result.unreadable[0].line) == (30, 1, 31)
    assert "1 unreadable" in repr(result)
    path.write_text("\n".join([*lines, "{broken", "{broken", "{broken"]) + "\n")
    with pytest.raises(StageFailed, match=r"3 of 33 rows of .* cannot be read, more than 5%"):
        THREE_WORDS.run(path, output=tmp_path / "kept.jsonl")
    assert not (tmp_path / "kept.jsonl").exists()


def test_what_is_needed_and_not_given_is_opened_by_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    serving = ScriptedServing()
    declared = [("llm", "a package", None), ("clock", "another", None)]
    monkeypatch.setattr(extensions, "entry_points", lambda group: iter(declared if group == extensions.RESOURCES else []))
    monkeypatch.setattr(extensions, "load", lambda group: {"llm": lambda: serving})
    result = EducationalValueEvaluator().run(["a text"], progress=False)
    assert len(serving.requests) == 1
    assert result.usage["llm"].calls == 1
    given = ScriptedServing()
    EducationalValueEvaluator().run(["a text"], resources={"llm": given}, progress=False)
    assert (len(serving.requests), len(given.requests)) == (1, 1)
    with pytest.raises(StageFailed, match='needs the resource "judge"'):
        EducationalValueEvaluator(llm="judge").run(["a text"], resources={"llm": given})


def test_this_project_declares_how_its_own_needs_are_opened() -> None:
    assert {"llm", "embedding"} <= set(extensions.load(extensions.RESOURCES))
    assert "warehouse" in extensions.load(extensions.RUNNERS)
    assert {"warehouse", "sources"} <= set(extensions.load(extensions.TABLES))


def test_it_runs_where_an_event_loop_runs_already() -> None:
    async def cell() -> Any:
        return EducationalValueEvaluator().run(["a text", "another"], resources={"llm": ScriptedServing()}, progress=False)

    assert asyncio.run(cell()).rows_out == 2


INTERRUPTED = """
import asyncio
import sys

from operators.testing import ScriptedServing
from operators.text.raters.educational_value import EducationalValueEvaluator

def rate():
    EducationalValueEvaluator().run(["a", "b"], output="kept.jsonl", rejected="aside.jsonl", resources={"llm": ScriptedServing(answer, seconds=60)})

def answer(request):
    return "too late"

class Telling(ScriptedServing):
    async def generate(self, request):
        print("asked", flush=True)
        return await super().generate(request)

ScriptedServing = Telling

async def cell():
    rate()

try:
    asyncio.new_event_loop().run_until_complete(cell()) if sys.argv[1] == "notebook" else rate()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("where", ["script", "notebook"])
def test_an_interruption_ends_the_run_and_leaves_no_file(where: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED, where], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=200)  # the model would answer after a minute, and nothing would be interrupted
    assert "interrupted" in said
    assert list(tmp_path.iterdir()) == []


def test_bars_are_shown_where_somebody_looks_and_nowhere_else(capfd: pytest.CaptureFixture[str]) -> None:
    THREE_WORDS.run(ROWS)
    assert capfd.readouterr().err == ""
    THREE_WORDS.run(ROWS, progress=True)
    shown = capfd.readouterr().err
    assert "WordCountFilter" in shown
    assert "2 set aside" in shown
    with progress_bars(False) as progress_of:
        progress_of("stage")(1, 2, Report("x"))
    assert capfd.readouterr().err == ""


def test_what_stands_beside_a_bar() -> None:
    result = EducationalValueEvaluator().run(["a", "b", None], resources={"llm": ScriptedServing()})
    assert note(3, 0.5, result.report) == "6 rows/s, 2 calls, 0 cached"
    assert note(3, 0.5, THREE_WORDS.run(ROWS).report) == "6 rows/s, 2 set aside"


def test_a_first_stage_waits_neither_for_pandas_nor_for_a_compiler() -> None:
    warm_up()
    code = """
import sys
from numba.core.base import BaseContext
from operators.text.cleaning.plain_text import NormalizeSpaces
BaseContext.refresh = lambda context: sys.exit("numba's compiler is prepared")
print(NormalizeSpaces().run(["a  b", "c d"], progress=False).table.column("text").to_pylist(), "pandas" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "['a b', 'c d'] False\n"
