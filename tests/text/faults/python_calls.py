"""How much Python runs: a step that works on whole batches makes as many calls for a thousand rows as for ten."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any


def python_calls(step: Callable[[], object]) -> int:
    """The Python and built-in functions that a step calls in this thread, the second time that it runs: then nothing is compiled any more."""
    step()
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.disable()  # others have it call functions of theirs
    sys.setprofile(note)
    try:
        step()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count
