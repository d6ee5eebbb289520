"""dataflow run: an output never replaces an input or another output."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Dataflow

TEXT = '{"text": "hello"}\n{"text": "hi"}\n'


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / "data" / name).write_text(TEXT)
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "data" / "a.jsonl")
    os.link(tmp_path / "data" / "a.jsonl", tmp_path / "hard.jsonl")
    (tmp_path / "folder").symlink_to(tmp_path / "data")
    return tmp_path


@pytest.mark.parametrize(
    ("input_", "outputs"),
    [
        ("data/a.jsonl", ["-o", "data/a.jsonl"]),
        ("data/a.jsonl", ["-o", "./data/../data/a.jsonl"]),
        ("data/a.jsonl", ["-o", "link.jsonl"]),
        ("data/a.jsonl", ["-o", "hard.jsonl"]),
        ("data/a.jsonl", ["-o", "folder/a.jsonl"]),
        ("link.jsonl", ["-o", "data/a.jsonl"]),
        ("data/*.jsonl", ["-o", "data/b.jsonl"]),
        ("data", ["-o", "data/b.jsonl"]),
        ("data/a.jsonl", ["-o", "kept.jsonl", "--rejected", "data/a.jsonl"]),
        ("data/a.jsonl", ["-o", "kept.jsonl", "--rejected", "kept.jsonl"]),
        ("data/a.jsonl", ["-o", "kept.jsonl", "--rejected", "./data/../kept.jsonl"]),
        ("data/a.jsonl", ["-o", "data/new.jsonl", "--rejected", "folder/new.jsonl"]),
    ],
)
def test_a6_an_output_that_is_an_input_or_another_output_is_refused_and_nothing_is_touched(
    dataflow: Dataflow, greetings_file: Path, rows: Path, input_: str, outputs: list[str]
) -> None:
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", input_, *outputs, "--warehouse", "warehouse")
    assert said.status == 1
    assert "write to another file" in said.messages
    assert "Traceback" not in said.messages
    assert {path.read_text() for path in (rows / "data").iterdir()} == {TEXT}
    assert not (rows / "kept.jsonl").exists()
    assert not (rows / "warehouse").exists()


def test_a6_different_files_are_written(dataflow: Dataflow, greetings_file: Path, rows: Path) -> None:
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", "data/a.jsonl", "-o", "data/kept.jsonl", "--rejected", "rejected.jsonl")
    assert said.status == 0, said.messages
    assert (rows / "data" / "kept.jsonl").exists()


@pytest.mark.parametrize("outputs", [["-o", "data/a.jsonl/kept.jsonl"], ["-o", "kept.jsonl", "--rejected", "data/a.jsonl/deeper/rejected.jsonl"]])
def test_a_file_below_a_file_is_refused_before_anything_runs(dataflow: Dataflow, greetings_file: Path, rows: Path, outputs: list[str]) -> None:
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", "data/a.jsonl", *outputs, "--warehouse", "warehouse")
    assert said.status == 1
    assert "cannot be written: a part of this path is a file, not a folder" in said.messages
    assert not (rows / "warehouse").exists()
