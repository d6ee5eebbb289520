"""Takes the screenshots of the docs from the running UI: the lineage of a pipeline, and the page of one of its stages.

Run `make run` first, so that there is something to see. Needs Chromium (Debian, Ubuntu: apt-get install chromium).
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent
START_SECONDS = 120
LOAD_MILLISECONDS = 60_000
SETTLE_MILLISECONDS = 4000


@contextmanager
def dagster_ui() -> Iterator[str]:
    """The UI on a free port of this machine, for as long as the context lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("dagster")), "dev", "-w", "workspace.yaml", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(address, process)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit("dagster dev ended at once; run make ui to see why.")
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    raise SystemExit(f"dagster dev did not answer at {address} within {START_SECONDS} s.")


def take(page: Page, address: str, waits_for: str, file: Path) -> None:
    """One picture, when `waits_for` is to be seen and the page has come to rest."""
    page.goto(address, timeout=LOAD_MILLISECONDS)
    skip = page.get_by_role("button", name="Skip")
    page.get_by_text(waits_for).or_(skip).first.wait_for(timeout=LOAD_MILLISECONDS)
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    if skip.is_visible():  # an invitation to the community covers the first page
        skip.click()
    page.get_by_text(waits_for).first.wait_for(timeout=LOAD_MILLISECONDS)
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)}")


def take_preview(page: Page, address: str, file: Path) -> None:
    """The rows that a stage kept and rejected, side by side: a long text in the metadata that opens on a click."""
    page.goto(address, timeout=LOAD_MILLISECONDS)
    page.get_by_text("[Show Markdown]").first.click(timeout=LOAD_MILLISECONDS)
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipeline", default="web_text")
    parser.add_argument("--stage", default="rate")
    parser.add_argument("--rules", default="quality", help="A stage that rejects rows, for the picture of kept and rejected ones.")
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "images")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium was not found. Install it: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    arguments.folder.mkdir(parents=True, exist_ok=True)
    with dagster_ui() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        wide = browser.new_page(viewport={"width": 3000, "height": 620}, device_scale_factor=0.6)  # the graph shows details where there is room
        group = f"{address}/locations/dataflow/asset-groups/{arguments.pipeline}/lineage"
        take(wide, group, arguments.stage, arguments.folder / "lineage.png")
        page = browser.new_page(viewport={"width": 1500, "height": 1100})
        stage = f"{address}/assets/{arguments.pipeline}/{arguments.stage}"
        take(page, stage, "Latest materialization", arguments.folder / "stage.png")
        take(page, f"{stage}?view=checks", "contract", arguments.folder / "checks.png")
        take_preview(page, f"{address}/assets/{arguments.pipeline}/{arguments.rules}", arguments.folder / "preview.png")
        browser.close()


if __name__ == "__main__":
    main()
