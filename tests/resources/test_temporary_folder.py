"""What killed writers of a bucket and killed tasks of a cluster left in the folder for temporary files goes with the next of them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from dataflow_assets.running.ray_processes import _do
from resources.temporary_folder import LOCK, temporary_folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left_by_a_killed_process(within: Path, prefix: str) -> Path:
    """Its lock is nobody's."""
    folder = within / f"{prefix}dead"
    folder.mkdir()
    (folder / LOCK).touch()
    (folder / "rows").write_text("half of them")
    return folder


def test_the_folder_of_a_version_under_way(temporary: Path) -> None:
    pytest.importorskip("obstore", reason="the extra [object-store] is not installed")
    from obstore.store import MemoryStore

    from resources.warehouse.objects.bucket import Bucket
    from tests.resources.objects.memory import ADDRESS, end_sessions, in_bucket, publish

    left = left_by_a_killed_process(temporary, "dataflow-version-")
    try:
        publish(in_bucket(Bucket(ADDRESS, MemoryStore())).table("web", "rate"), 1, 2)
    finally:
        end_sessions()
    assert not left.exists()
    assert not list(temporary.iterdir())


def test_the_folder_of_a_task(temporary: Path) -> None:
    with temporary_folder("dataflow-part-") as of_a_living_one:
        left = left_by_a_killed_process(temporary, "dataflow-part-")
        answered, _ = _do(json.dumps({"operator": {"operator": "Nobody"}, "modules": [], "fingerprint": ""}), {})
        assert "cannot" in json.loads(answered)
        assert list(temporary.iterdir()) == [of_a_living_one]
        assert not left.exists()
