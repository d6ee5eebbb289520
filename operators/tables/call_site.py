"""Where a call was made, for messages."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_MACHINERY = tuple(f"{_PACKAGE / floor}{os.sep}" for floor in ("tables", "asking", "fingerprint", "engine", "core", "pipeline"))
_CELLS = "ipykernel_"
"""Jupyter runs each cell from a file of its own, which nobody sees, in a folder of this name and the number of its process."""


def caller() -> str:
    """The place of the nearest frame outside the abstractions of this package and pydantic."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (frame.f_code.co_filename.startswith(_MACHINERY) or f"{os.sep}pydantic{os.sep}" in frame.f_code.co_filename):
        frame = frame.f_back
    return place(frame.f_code.co_filename, frame.f_lineno)


def place(file: str, line: int) -> str:
    """A line of a file, or of a cell of a notebook, as short as it is clear."""
    path = Path(file)
    return f"line {line} of a cell" if path.parent.name.startswith(_CELLS) else f"{'/'.join(path.parts[-2:])}:{line}"
