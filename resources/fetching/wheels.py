"""Fetch a wheel with pip: whatever index, mirror or proxy pip is set up for is used, nothing is installed, and nothing of the package is run.

Where a package has no wheel, its source archive can be fetched: pip checks its sha256, then runs its set-up code, to learn its name.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from resources.fetching.errors import FetchFailed

_OPTIONS = ("--no-deps", "--require-hashes", "--no-cache-dir", "--disable-pip-version-check", "--no-input")


def fetch_wheel(package: str, version: str, sha256: str, folder: Path) -> Path:
    """The wheel, in `folder`. pip checks its sha256. Source archives are refused.

    Raises:
        FetchFailed: pip could not bring it, or brought another one.
    """
    return _fetched(package, version, sha256, folder, ("--only-binary", ":all:"), "*.whl")


def fetch_source(package: str, version: str, sha256: str, folder: Path) -> Path:
    """The source archive (.tar.gz), in `folder`. Only for one whose set-up code somebody has read: the sha256 says that it is the same.

    Raises:
        FetchFailed: pip could not bring it, or brought another one.
    """
    return _fetched(package, version, sha256, folder, ("--no-binary", package), "*.tar.gz")


def _fetched(package: str, version: str, sha256: str, folder: Path, kind: tuple[str, str], pattern: str) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package}=={version} --hash=sha256:{sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", *kind, *_OPTIONS, "--dest", str(folder), "--requirement", str(requirements)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise FetchFailed(_reason(f"{package}=={version}", result.stderr.strip() or result.stdout.strip()))
    (archive,) = folder.glob(pattern)
    return archive


def _reason(requirement: str, output: str) -> str:
    if "No module named pip" in output:
        return f"pip is not installed in this environment ({sys.prefix}): run `{sys.executable} -m ensurepip`, then try again."
    errors = [line for line in output.splitlines() if line.startswith("ERROR")] or output.splitlines()[-1:]
    return f"pip could not fetch {requirement}: {' '.join(errors)[:500]}"
