"""New data starts a run, once."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from sensors.new_data import files_state, new_data_sensor


@dg.asset
def something() -> None: ...


def test_a_run_is_requested_when_files_appear_change_or_go(tmp_path: Path) -> None:
    pattern = str(tmp_path / "*.jsonl")
    sensor = new_data_sensor("demo", dg.define_asset_job("demo", selection=[something]), [pattern])
    context = dg.build_sensor_context()
    assert isinstance(sensor(context), dg.SkipReason)
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n')
    first = sensor(context)
    assert isinstance(first, dg.RunRequest)
    assert isinstance(sensor(context), dg.SkipReason)
    (tmp_path / "a.jsonl").write_text('{"text": "changed"}\n')
    second = sensor(context)
    assert isinstance(second, dg.RunRequest)
    assert second.run_key != first.run_key
    (tmp_path / "a.jsonl").unlink()
    assert isinstance(sensor(context), dg.SkipReason)


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    assert files_state([str(tmp_path)]) is None
    (tmp_path / "a.csv").write_text("text\n")
    assert files_state([str(tmp_path)]) == files_state([str(tmp_path / "*.csv")])
