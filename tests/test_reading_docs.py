"""docs/reading-results.md, followed by a new user: every command, in order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dataflow_assets.cli import main
from dataflow_assets.running.formats import FORMATS

PAGE = (Path(__file__).parents[1] / "docs" / "reading-results.md").read_text(encoding="utf-8")
PIPELINE = '''
"""Calm texts."""

from operators.core.kinds import Evaluate
from operators.core.sequential import Sequential
from operators.pipeline.pipeline import Pipeline
from operators.tables.columns import Input, Output
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.rules.whole_text import WordCountFilter


class CountedWords(Evaluate):
    """Count words."""

    input_text = Input(str)
    output_words = Output(int, "words")

    def evaluate(self, text: str) -> int:
        return len(text.split())


class Calm(Pipeline):
    """Clean, drop the short, count."""

    expects = {"text": str}

    def __init__(self) -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.short = WordCountFilter(min_words=3)
        self.measure = CountedWords()

    def forward(self, documents):
        return self.measure(self.short(self.clean(documents)))
'''


def commands() -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [line.removeprefix("$ dataflow ") for block in blocks for line in block.splitlines() if line.startswith("$ dataflow ")]


def test_every_command_of_the_page_works_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "wh"))
    (tmp_path / "calm.py").write_text(PIPELINE)
    texts = [f"text  number {number}, which says a little {'more ' * number}than the one before" for number in range(8)] + ["too short"]
    (tmp_path / "my.jsonl").write_text("".join(json.dumps({"row_id": f"u{place}", "text": text}) + "\n" for place, text in enumerate(texts)))
    said = {}
    for command in commands():
        status = main(command.split())
        captured = capsys.readouterr()
        assert status == 0, f"{command}\n{captured.err}"
        said[command.split()[0]] = captured.out
    assert len(commands()) >= 10
    assert "parameter: WordCountFilter.min_words = 9, before 3" in said["diff"]
    assert "calm.documents.text" in said["lineage"]
    assert (tmp_path / "calm.html").stat().st_size > 5_000
    assert {file.name for file in (tmp_path / "ds").iterdir()} >= {"README.md", "croissant.json", "data"}


def test_the_page_names_every_format() -> None:
    [table] = re.findall(r"\| format \|.*?\n\n", PAGE, re.DOTALL)
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(FORMATS)
