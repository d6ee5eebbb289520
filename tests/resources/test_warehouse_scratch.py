"""Fault C14: what a killed `dataflow run` left in the folder for temporary files is removed when the next one starts, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from resources.temporary_folder import remove_abandoned
from resources.warehouse.scratch import PREFIX, scratch_warehouse

ROOT = Path(__file__).parents[2]
HOLDS = """
import sys, time
from pathlib import Path
from resources.warehouse.scratch import scratch_warehouse
with scratch_warehouse(Path(sys.argv[1])) as warehouse:
    (warehouse.root / "table").write_text("rows")
    print(warehouse.root, flush=True)
    time.sleep(60)
"""


def test_it_is_gone_afterwards_also_when_the_run_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="half way"), scratch_warehouse(tmp_path) as warehouse:  # noqa: PT012
        assert warehouse.root.is_dir()
        raise RuntimeError("half way")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_c14_what_a_killed_run_left_is_removed_and_what_a_living_one_uses_stays(tmp_path: Path, sign: signal.Signals) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    living, dead = (subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2))
    try:
        assert living.stdout is not None
        assert dead.stdout is not None
        kept, left = Path(living.stdout.readline().strip()), Path(dead.stdout.readline().strip())
        dead.send_signal(sign)
        dead.wait(30)
        assert left.is_dir()
        with scratch_warehouse(tmp_path) as warehouse:
            assert {*tmp_path.iterdir()} == {kept, warehouse.root}
        assert (kept / "table").read_text() == "rows"
    finally:
        living.kill()
        living.wait(30)


def test_folders_of_others_and_those_just_being_made_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dataflow-run-new").mkdir()
    (tmp_path / "dataflow-notes").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "dataflow-run-link").symlink_to(elsewhere)
    old = tmp_path / "dataflow-run-old"
    old.mkdir()
    os.utime(old, (1, 1))
    assert remove_abandoned(PREFIX, tmp_path) == [old]
    assert elsewhere.is_dir()
