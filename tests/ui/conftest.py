"""A Dagster project of a few small pipelines, its UI started as `dagster dev` starts it, and Chromium to look at it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 240

PICTURE_SETTLES = 3000
WAIT = 60_000
"""Milliseconds that a page may take to show what it should."""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of tests/ui/project with data of its own: what somebody has who installed this package and made a Dagster project with it."""
    folder = tmp_path_factory.mktemp("looked_at")
    shutil.copytree(Path(__file__).parent / "project", folder, dirs_exist_ok=True)
    notes = [{"text": " ".join(f"word{(row * 7 + word) % (row + 2)}" for word in range(row % 12 + 1))} for row in range(60)]
    write_rows(folder / "notes.jsonl", notes)
    for day in ("monday", "tuesday", "wednesday"):
        write_rows(folder / "days" / f"{day}.jsonl", notes[:20])
    return folder


def write_rows(file: Path, rows: list[dict[str, str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="session")
def environment(project: Path) -> dict[str, str]:
    """Of every process of the project: an instance and a warehouse of its own."""
    home = project / ".dagster"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    return {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "DATAFLOW_WAREHOUSE": str(project / "warehouse"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(project)]),
    }


@pytest.fixture(scope="session")
def address(project: Path, environment: dict[str, str]) -> Iterator[str]:
    """Where the UI answers, with its daemon, started as a user starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("dagster")), "dev", "-w", "workspace.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with (project / "dev.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}", process, project / "dev.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)  # its folder is thrown away: nothing has to be finished
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    pytest.fail(f"dagster dev did not answer at {address}:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed at the end of the file: while it is open, an event loop runs in this thread, and other tests could start none."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        reason = "Chromium was not found; install it to try the UI: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("DATAFLOW_REQUIRE_BROWSER") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])  # root, in a container
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of the UI; a path goes after `address` by itself."""
    context = browser.new_context(base_url=address, viewport={"width": 1600, "height": 1100})
    context.set_default_timeout(WAIT)
    opened = context.new_page()
    yield opened
    context.close()


@pytest.fixture
def picture(page: Page) -> Callable[[str], None]:
    """Takes the picture of the page for the docs: `DATAFLOW_PICTURES=docs/images pytest tests/ui`."""
    folder = os.environ.get("DATAFLOW_PICTURES")

    def take(name: str) -> None:
        if folder:
            page.wait_for_timeout(PICTURE_SETTLES)
            page.screenshot(path=Path(folder).resolve() / f"{name}.png")

    return take
