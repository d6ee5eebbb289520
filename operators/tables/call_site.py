"""Where a call was made, for messages."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_MACHINERY = tuple(f"{_PACKAGE / floor}{os.sep}" for floor in ("tables", "asking", "fingerprint", "engine", "core", "pipeline"))


def caller() -> str:
    """file:line of the nearest frame outside the abstractions of this package and pydantic, as short as it is clear."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (frame.f_code.co_filename.startswith(_MACHINERY) or f"{os.sep}pydantic{os.sep}" in frame.f_code.co_filename):
        frame = frame.f_back
    path = Path(frame.f_code.co_filename)
    return f"{'/'.join(path.parts[-2:])}:{frame.f_lineno}"
