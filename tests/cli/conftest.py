"""A command as it is typed, and a pipeline in a file of its own, as a user writes one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dataflow_assets.cli import main

PIPELINE = '''
"""Greetings, said once and said louder."""

from operators.core.kinds import Evaluate, Filter, Generate, Refine
from operators.tables.columns import Input, Output
from operators.pipeline.pipeline import Pipeline
from pydantic import Field


class TrimGreeting(Refine):
    """Cut the spaces around a greeting."""

    input_text = Input(str)

    def refine(self, text: str) -> str:
        if text == "broken":
            raise ValueError("this greeting cannot be trimmed")
        return text.strip()


class LongGreetingFilter(Filter):
    """Keep greetings of at least `min_characters`."""

    input_text = Input(str)
    min_characters: int = Field(3, ge=0)

    def keep(self, text: str) -> tuple[bool, str]:
        return len(text) >= self.min_characters, f"only {len(text)} characters"


class GreetingLength(Evaluate):
    """Count the characters of a greeting."""

    input_text = Input(str)
    output_length = Output(int, "length")

    def evaluate(self, text: str) -> int:
        return len(text)


class EchoGreeting(Generate):
    """Say each greeting twice: two new rows."""

    adds_rows = True
    carry: str = "none"
    input_text = Input(str)
    output_echo = Output(str, "echo")

    def generate(self, text: str):
        return [{"echo": text}, {"echo": f"{text}!"}]


class Greetings(Pipeline):
    """Trim greetings, drop the short ones, measure the rest."""

    def __init__(self, min_characters: int = 3) -> None:
        self.trim = TrimGreeting(max_failed=0.5)
        self.long = LongGreetingFilter(min_characters=min_characters)
        self.measure = GreetingLength()

    def forward(self, greetings):
        return self.measure(self.long(self.trim(greetings)))


class Echoes(Pipeline):
    """Say greetings twice."""

    def __init__(self) -> None:
        self.trim = TrimGreeting()
        self.echo = EchoGreeting()

    def forward(self, greetings):
        return self.echo(self.trim(greetings))


class Wrong(Pipeline):
    """Two mistakes at once."""

    def __init__(self) -> None:
        self.long = LongGreetingFilter(min_charcters=2)
        self.measure = GreetingLength()

    def forward(self, greetings):
        return self.measure(self.long(greetings), input_text="txt")
'''

ROWS = [{"text": "  hello "}, {"text": "hi"}, {"text": "broken"}, {"text": "good morning"}, {"text": None}]


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    status: int
    output: str
    messages: str

    @property
    def json(self) -> Any:
        return json.loads(self.output)


Dataflow = Callable[..., Said]


@pytest.fixture
def dataflow(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Dataflow:
    """Run one command in a folder of its own: `dataflow("operators", "list", "--json").json`."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "DATAFLOW_DEBUG", "DATAFLOW_WAREHOUSE", "DATAFLOW_LLM_BASE_URL", "DATAFLOW_LLM_MODEL", "DATAFLOW_LLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return run


@pytest.fixture
def greetings_file(tmp_path: Path) -> Path:
    path = tmp_path / "greetings.py"
    path.write_text(PIPELINE, encoding="utf-8")
    return path


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path
