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


@pytest.mark.parametrize(
    ("input_", "output"), [("data", "data/new.jsonl"), ("data/*.jsonl", "data/new.jsonl"), ("**/*.jsonl", "elsewhere/new.jsonl")]
)
def test_an_output_that_the_next_run_would_read_is_refused(dataflow: Dataflow, greetings_file: Path, rows: Path, input_: str, output: str) -> None:
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", input_, "-o", output)
    assert said.status == 1
    assert f"{output} would be read by the source greetings ({input_}) in the next run" in said.messages
    assert not (rows / output).exists()


@pytest.mark.parametrize("address", ["s3://bucket/rows.jsonl", "https://example.org/rows.jsonl", "hf://datasets/a/b.parquet"])
def test_an_address_is_no_file_of_this_machine(dataflow: Dataflow, greetings_file: Path, rows: Path, address: str) -> None:
    before = {path.name for path in rows.iterdir()}
    for given in (["-i", "data/a.jsonl", "-o", address], ["-i", address, "-o", "kept.jsonl"]):
        said = dataflow("run", f"{greetings_file}:Greetings", *given)
        assert (said.status, "this is an address, not a file of this machine" in said.messages) == (1, True), said.messages
    assert {path.name for path in rows.iterdir()} - {"__pycache__"} == before
