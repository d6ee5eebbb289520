"""Where bubblewrap does not work the tests are skipped, but never where DATAFLOW_REQUIRE_SANDBOX is set, as it is in continuous integration."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operators.sandboxes import Program, Verdict
from resources.sandbox import SandboxSettings
from resources.sandbox.bubblewrap import why_not
from resources.sandbox.pool import Launchers

ROOT = Path(__file__).parents[3]
Judge = Callable[[Program], Verdict]


@pytest.fixture(autouse=True)
def isolation() -> None:
    if why := why_not():
        if os.environ.get("DATAFLOW_REQUIRE_SANDBOX"):
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """One sandbox for all programs of a module, so that what one leaves behind would be met by the next."""
    with Launchers(SandboxSettings(programs_at_once=1)) as launchers:
        yield lambda program: launchers.map([program])[0]


def command_line(process: int) -> bytes:
    """How a process was started; empty where it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def descendants(of: int) -> dict[int, str]:
    """Process -> when it started, of all that a process started, and so on."""
    parents: dict[int, tuple[int, str]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                words = (path / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if words[0] != "Z":
                parents[int(path.name)] = (int(words[1]), words[19])
    found: dict[int, str] = {}
    while new := {process: start for process, (parent, start) in parents.items() if process not in found and (parent == of or parent in found)}:
        found.update(new)
    return found


def command_of(process: int) -> bytes:
    """Its command line; empty where it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def environment_of_child(**changed: str) -> dict[str, str]:
    """For a process that imports this project from where it stands."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATAFLOW_SANDBOX_")}
    return {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **changed}
