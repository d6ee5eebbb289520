"""Weights are there whole and checked, or not at all."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from resources import models
from resources.models import store
from resources.models.catalog import SMOLLM2

ROOT = Path(__file__).parents[2]
CONTENT = b"weights" * 1000


@pytest.fixture
def small_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A model of 7 kB that needs no network: fetched and rewritten in one step each."""
    small = replace(SMOLLM2, name="small", size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setenv("DATAFLOW_MODELS", str(tmp_path))
    monkeypatch.setattr(store, "CATALOG", {"small": small})

    def fetch(weights: models.ModelWeights, folder: Path) -> Path:
        (folder / "source").write_bytes(CONTENT)
        return folder / "source"

    monkeypatch.setattr(store, "fetch_member", fetch)
    monkeypatch.setattr(store, "rewrite_as_f16", lambda source, target: target.write_bytes(source.read_bytes()))
    return tmp_path


def test_getting_twice_fetches_once(small_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = models.get("small")
    monkeypatch.setattr(store, "fetch_member", lambda *_: pytest.fail("fetched again"))
    assert models.get("small") == first == models.path("small")
    assert first.read_bytes() == CONTENT
    assert [status.present for status in models.list()] == [True]


def test_before_getting_the_path_says_what_to_run(small_model: Path) -> None:
    assert [status.present for status in models.list()] == [False]
    with pytest.raises(models.ModelMissing, match="run `dataflow models get small`"):
        models.path("small")


def test_weights_that_came_out_different_are_not_kept(small_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "rewrite_as_f16", lambda source, target: target.write_bytes(CONTENT[:-1] + b"!"))
    with pytest.raises(models.ModelError, match=r"expected .*they were not kept"):
        models.get("small")
    assert not models.list()[0].present
    assert not list(small_model.glob("*.gguf"))


def test_a_killed_fetch_leaves_nothing_that_counts_and_the_next_one_cleans_up(small_model: Path) -> None:
    leftover = small_model / f".{models.list()[0].path.name}.abc"
    leftover.mkdir()
    (leftover / models.list()[0].path.name).write_bytes(CONTENT[:100])
    assert models.get("small").read_bytes() == CONTENT
    assert not leftover.exists()


def test_an_unknown_name_gets_the_closest_one() -> None:
    with pytest.raises(models.ModelError, match=r"no embedded model is called 'smolm2'.*Did you mean 'smollm2'"):
        models.get("smolm2")


def test_two_processes_make_the_file_once(tmp_path: Path) -> None:
    code = """
import hashlib, sys, time
from dataclasses import replace
from resources.models import store
from resources.models.catalog import SMOLLM2
content = b"weights" * 1000
store.CATALOG = {"small": replace(SMOLLM2, name="small", size=len(content), sha256=hashlib.sha256(content).hexdigest())}
def fetch(weights, folder):
    print("fetched", flush=True)
    time.sleep(0.5)
    (folder / "source").write_bytes(content)
    return folder / "source"
store.fetch_member = fetch
store.rewrite_as_f16 = lambda source, target: target.write_bytes(source.read_bytes())
store.get("small")
"""
    environment = {**os.environ, "DATAFLOW_MODELS": str(tmp_path)}
    processes = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [process.communicate(timeout=30)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert "".join(outputs).count("fetched") == 1


def test_when_present_getting_takes_no_time() -> None:
    if not models.list()[0].present:
        pytest.skip("the weights are not there: run `dataflow models get`")
    started = time.monotonic()
    models.get("smollm2")
    assert time.monotonic() - started < 0.1
