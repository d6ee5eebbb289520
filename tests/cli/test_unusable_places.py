"""A warehouse that cannot be one, a damaged table, a home that Dagster refuses: said in a sentence, with what to do."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dataflow_assets.assets import SourceConfig
from dataflow_assets.cli import main
from dataflow_assets.cli.health import Finding, warehouse
from dataflow_assets.cli.health_of_dagster import dagster_home
from dataflow_assets.running.formats import layouts
from operators.tables.errors import ParameterError
from operators.tables.files import streams
from resources.sources import SourceSettings
from resources.warehouse import Warehouse, WarehouseError, duckdb_draft
from tests.cli.conftest import Dataflow

ONE_ROW = pa.table({"row_id": ["u1"]})


@pytest.mark.parametrize("place", ["file", "file/below"])
@pytest.mark.parametrize("command", [("tables",), ("sql", "select 1"), ("run", "greetings.py:Greetings", "-i", "rows.jsonl", "-o", "out.jsonl")])
def test_a_warehouse_that_is_a_file_is_said(
    dataflow: Dataflow, greetings_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "rows.jsonl").write_text('{"text": "hello there"}\n')
    given = (command[0], f"{greetings_file}:Greetings", *command[2:]) if command[0] == "run" else command
    said = dataflow(*given, "--warehouse", str(tmp_path / place))
    if place == "file" or command[0] == "run":
        assert said.status == 1
        assert "DATAFLOW_WAREHOUSE" in said.messages
    assert "Errno" not in said.messages
    assert (tmp_path / "file").read_text() == "mine"


def test_a_damaged_table_of_one_pipeline_does_not_hide_the_rows_of_the_others(
    dataflow: Dataflow, greetings_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text('{"row_id": "u1", "text": "hello there"}\n')
    said = dataflow("run", f"{greetings_file}:Greetings", "-i", "rows.jsonl", "-o", "out.jsonl", "--warehouse", "wh")
    assert said.status == 0, said.messages
    damaged = Warehouse("wh").table("another", "rows")
    damaged.write(ONE_ROW)
    (file,) = Path("wh/another/rows/versions").glob("*.duckdb")
    file.write_bytes(b"no database")
    stories = dataflow("trace", "u1", "--warehouse", "wh", "--json")
    assert stories.status == 0, stories.messages
    assert stories.messages.startswith("warning another.rows is left out: ")
    assert "warn(" not in stories.messages
    assert len(stories.json) == 1


def states(findings: list[Finding]) -> list[str]:
    return [finding.state for finding in findings]


def test_doctor_looks_whether_the_warehouse_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("mine")
    for place, state in {"file": "broken", "file/below": "broken", "new/below": "note", ".": "ok"}.items():
        monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / place))
        assert states(list(warehouse())) == [state], place


def test_doctor_refuses_a_home_that_dagster_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").touch()
    monkeypatch.setenv("DAGSTER_HOME", "home")
    [finding] = dagster_home(fix=False)
    assert finding.state == "broken"
    assert "absolute" in finding.says
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    assert states(list(dagster_home(fix=False)))[0] == "ok"


def test_a_limit_of_nothing_is_refused_in_a_sentence() -> None:
    settings = SourceSettings(path="a.jsonl")
    with pytest.raises(ParameterError, match=r"^limit: Input should be greater than or equal to 1$"):
        SourceConfig(limit=0).of(settings)
    assert SourceConfig(limit=1).of(settings).limit == 1
    assert SourceConfig().of(settings) == settings


def test_a_table_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(WarehouseError, match="cannot be written"):
        Warehouse(tmp_path / "file" / "below").table("a", "b").write(ONE_ROW)


def test_a_full_disk_is_said_by_every_command_that_writes_and_no_half_file_stays(
    dataflow: Dataflow, greetings_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text('{"row_id": "u1", "text": "hello there"}\n')
    run = ("run", f"{greetings_file}:Greetings", "-i", "rows.jsonl", "-o", "out.jsonl", "--warehouse")
    assert dataflow(*run, "wh").status == 0

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(layouts, "parquet_shards", full)
        said = dataflow("export", "greetings.measure", "--format", "hugging_face", "--output", "ds", "--warehouse", "wh")
        assert (said.status, "error ds: cannot be written: the disk is full" in said.messages) == (1, True), said.messages
    with monkeypatch.context() as patched:
        patched.setattr(streams, "sync", full)
        for command in (("new", "pipeline", "Sums"), ("report", "greetings", "--html", "page.html", "--warehouse", "wh")):
            said = dataflow(*command)
            assert (said.status, "cannot be written: the disk is full" in said.messages) == (1, True), said.messages
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"greetings.py", "out.jsonl", "rows.jsonl", "wh"}


def test_a_warehouse_on_a_full_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = f'Failed to commit: Could not write file "table.duckdb.wal": {os.strerror(errno.ENOSPC)}'

    def refused(*_: Any) -> None:
        raise duckdb.TransactionException(full)

    monkeypatch.setattr(duckdb_draft._File, "complete", refused)
    with pytest.raises(WarehouseError, match=r"calm\.rows: .* cannot be written: the disk is full"):
        Warehouse(tmp_path / "wh").table("calm", "rows").write(ONE_ROW)


def test_a_warehouse_whose_path_duckdb_would_end_early_is_refused(dataflow: Dataflow, tmp_path: Path) -> None:
    said = dataflow("tables", "--warehouse", str(tmp_path / "what?" / "wh"))
    assert said.status == 1
    assert "question mark" in said.messages


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_characters_ends_no_command_and_changes_no_data(
    dataflow: Dataflow, greetings_file: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    Path("rows.jsonl").write_text(json.dumps({"text": "größer → 更大"}) + "\n")
    assert dataflow("run", f"{greetings_file}:Greetings", "-i", "rows.jsonl", "-o", "out.jsonl", "--warehouse", "wh").status == 0
    shown = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", shown)
        for form in ([], ["--csv"], ["--json"]):
            assert main(["sql", "select text from greetings.measure", "--warehouse", "wh", *form]) == 0
    shown.flush()
    written = shown.buffer.getvalue()  # type: ignore[attr-defined]
    assert b"\\u2192" in written
    assert written.endswith('text\ngrößer → 更大\n[\n{"text":"größer → 更大"}\n]\n'.encode())


def test_a_terminal_without_a_width_is_written_as_a_file(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    assert "version" in dataflow("tables").output


PROGRAM = "from dataflow_assets.cli import main; raise SystemExit(main())"


@pytest.mark.parametrize(("redirected", "status", "said"), [(">&- 2>&- <&-", 0, ""), (">/dev/full", 1, "No space left"), ("| true", 0, "")])
def test_an_output_that_is_closed_full_or_read_by_nobody(redirected: str, status: int, said: str, tmp_path: Path) -> None:
    command = f"{sys.executable} -c '{PROGRAM}' tables --json --warehouse {tmp_path} {redirected}"
    result = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (result.returncode, said in result.stderr, "Traceback" in result.stderr) == (status, True, False), result.stderr


def test_a_run_without_standard_streams_writes_its_file(greetings_file: Path, rows_file: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -c '{PROGRAM}' run {greetings_file}:Greetings -i {rows_file} -o out.jsonl --workers 2 >&- 2>&- <&-"
    assert subprocess.run(["bash", "-c", command], cwd=tmp_path, check=False).returncode == 0
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2


SLOW = """
import time
from operators import Evaluate, Handle, Input, Output, Pipeline


class SlowEvaluator(Evaluate):
    input_text = Input(str)
    output_length = Output(int, "length")

    def evaluate(self, text: str) -> int:
        open("begun", "w").close()
        time.sleep(60)
        return len(text)


class Slow(Pipeline):
    def __init__(self) -> None:
        self.length = SlowEvaluator()

    def forward(self, rows: Handle) -> Handle:
        return self.length(rows)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_run_that_is_stopped_removes_what_it_began(rows_file: Path, tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "tmp").mkdir()
    not_ignored = ("env", "--default-signal=TERM,HUP,INT")  # as they are where the tests run under nohup or in the background
    command = [*not_ignored, sys.executable, "-c", PROGRAM, "run", "slow.py:Slow", "-i", str(rows_file), "-o", "out.jsonl", "--warehouse", "wh"]
    running = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path / "tmp")}, stderr=subprocess.PIPE, text=True)
    while running.poll() is None and not (tmp_path / "begun").exists():
        time.sleep(0.1)
    running.send_signal(number)
    _, said = running.communicate(timeout=50)
    assert (running.returncode, said.strip().splitlines()[-1:]) == (128 + number, ["error interrupted"])
    assert not list((tmp_path / "wh").rglob(".writing-*"))
    assert not list(tmp_path.glob(".out*"))
    assert not list((tmp_path / "tmp").iterdir())
