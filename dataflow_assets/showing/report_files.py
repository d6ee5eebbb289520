"""The files of a report, and whether those that lie in its folder are of a report."""

from __future__ import annotations

from pathlib import Path

from dataflow_assets.running.formats.writing import MARKER
from operators.tables.errors import ParameterError, Problem

REPORT_FILES = {"report.html": "<style>\nbody { font: 15px/1.5 system-ui", "README.md": "tags:\n- dataflow\n", "croissant.json": ""}
"""File -> what stands at the beginning of one that a report or a data set of ours wrote; croissant.json is whose the card beside it is."""

_BEGINNING = 4000


def refuse_foreign_report(folder: Path) -> None:
    """Raises ParameterError: a file that a report in this folder would replace was not written by one."""
    if folder.exists() and not folder.is_dir():
        raise ParameterError([Problem(f"{folder} is a file; a report is written to a folder", "report")])
    if (folder / MARKER).is_file():
        return
    foreign = [file for file in REPORT_FILES if (folder / file).exists() and not _is_ours(folder, file)]
    if foreign:
        named = " and ".join(str(folder / file) for file in foreign)
        raise ParameterError([Problem(f"{named}: no report wrote it, and this one would replace it", "report", suggestion="name another folder")])


def is_report(page: Path) -> bool:
    """Whether a file is a page that a report wrote."""
    return _begins(page, REPORT_FILES["report.html"])


def _is_ours(folder: Path, file: str) -> bool:
    if begins := REPORT_FILES[file]:
        return _begins(folder / file, begins)
    return (folder / "README.md").is_file() and _is_ours(folder, "README.md")


def _begins(file: Path, text: str) -> bool:
    with file.open(encoding="utf-8", errors="replace") as opened:
        return text in opened.read(_BEGINNING)
