"""Dagster's history on connections that stay open: the same files as Dagster's own storage, for several processes at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dataflow_assets.instance.kept_engines import MOST_FILES, KeptEngines
from dataflow_assets.instance.sqlite_storage import TEMPORARY_HOME

ROOT = Path(__file__).parents[2]
OURS = "storage:\n  custom:\n    module: dataflow_assets.instance\n    class: SqliteStorage\n    config: {}\ntelemetry: {enabled: false}\n"
STOCK = "telemetry: {enabled: false}\n"
MATERIALIZE = """
import sys
import dagster as dg

@dg.asset(name=sys.argv[1])
def made():
    return dg.MaterializeResult(metadata={"rows": 7})

with dg.DagsterInstance.get() as instance:
    for _ in range(int(sys.argv[2])):
        assert dg.materialize([made], instance=instance).success
"""


def materialize(home: Path, name: str, times: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "DAGSTER_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MATERIALIZE, name, str(times)]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def runs_seen(home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[object]]:
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        records = instance.fetch_materializations(dg.AssetKey("one"), limit=100).records
        assert all(record.asset_materialization is not None for record in records)
        return len(instance.get_runs()), [record.asset_materialization.metadata["rows"].value for record in records if record.asset_materialization]


def test_several_processes_write_one_history_that_dagsters_own_storage_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dagster.yaml").write_text(OURS)
    started = [materialize(tmp_path, name, 2) for name in ("one", "two")]
    for process in started:
        assert process.wait(240) == 0, process.communicate()[1]
    (tmp_path / "dagster.yaml").write_text(STOCK)
    assert runs_seen(tmp_path, monkeypatch) == (4, [7, 7])


def test_a_history_that_dagsters_own_storage_began_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for configured in (STOCK, OURS):
        (tmp_path / "dagster.yaml").write_text(configured)
        process = materialize(tmp_path, "one", 1)
        assert process.wait(240) == 0, process.communicate()[1]
    assert runs_seen(tmp_path, monkeypatch) == (2, [7, 7])


def test_without_a_home_the_history_goes_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(OURS)
    (tmp_path / "one.py").write_text("import dagster as dg\n\n@dg.asset\ndef one():\n    return 1\n\ndefs = dg.Definitions(assets=[one])\n")
    environment = {name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", TEMPORARY_HOME)}
    environment |= {"TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    (tmp_path / "tmp").mkdir()
    command = [str(Path(sys.executable).with_name("dagster")), "asset", "materialize", "-m", "one", "--select", "one"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "tmp").glob("dagster-history-*"))


def test_no_more_files_stay_open_than_are_worth_it(tmp_path: Path) -> None:
    kept = KeptEngines()
    engines = [kept.engine(f"sqlite:///{tmp_path}/{number}.db") for number in range(MOST_FILES + 3)]
    for number in range(MOST_FILES + 3):
        with kept.transaction(f"sqlite:///{tmp_path}/{number}.db") as connection:
            connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
    open_files = [engine for engine in engines[3:] if kept.engine(str(engine.url)) is engine]
    assert len(open_files) <= MOST_FILES
    kept.dispose()
