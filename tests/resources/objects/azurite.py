"""A real server of Azure's protocol on this machine, for tests: Azurite (the command `azurite-blob`, of the npm package azurite)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

from tests.resources.objects.server import BUCKET, STARTS_WITHIN_SECONDS, free_port

MISSING = "no Azure server is installed: npm install azurite, and put node_modules/.bin on the PATH"
ACCOUNT = "testaccount"
KEY = base64.b64encode(b"a secret that nobody may see").decode()
API_VERSION = "2021-08-06"


def environment(endpoint: str) -> dict[str, str]:
    return {"AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": KEY, "AZURE_ENDPOINT": endpoint}


@contextmanager
def azure_server(folder: Path) -> Iterator[str | None]:
    """The endpoint of its only account, with an empty container; None where no server is installed. Everything it writes is in `folder`."""
    command = shutil.which("azurite-blob")
    if command is None:
        yield None
        return
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    dies_with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    options = [
        "--silent",
        "--disableTelemetry",
        "--skipApiVersionCheck",
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        str(port),
        "--location",
        str(folder),
    ]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*dies_with_us, command, *options], stdout=log, stderr=log, env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}
        )
    try:
        _make_container(endpoint, server, folder / "server.log")
        yield endpoint
    finally:
        server.kill()
        server.wait()


def _make_container(endpoint: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(_container_request(endpoint), timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(f"the Azure server did not start: {log.read_text(errors='replace')[-1000:]}")


def _container_request(endpoint: str) -> urllib.request.Request:
    """Signed with the key of the account ("Shared Key"); the client library of the warehouse makes no containers."""
    date = formatdate(usegmt=True)
    signed = f"PUT{12 * chr(10)}x-ms-date:{date}\nx-ms-version:{API_VERSION}\n/{ACCOUNT}/{ACCOUNT}/{BUCKET}\nrestype:container"
    signature = base64.b64encode(hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()).decode()
    headers = {"x-ms-date": date, "x-ms-version": API_VERSION, "Content-Length": "0", "Authorization": f"SharedKey {ACCOUNT}:{signature}"}
    return urllib.request.Request(f"{endpoint}/{BUCKET}?restype=container", method="PUT", headers=headers)
