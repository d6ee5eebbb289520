"""Python's search for garbage, which looks through all that a process holds, again and again."""

from __future__ import annotations

import atexit
import gc
from functools import cache


@cache
def leave_out_what_is_loaded() -> None:
    """Once in a process, when its code is loaded and its work begins: modules and compiled functions are no garbage.

    To look through them takes two thirds of the time of work that makes many small objects, such as cutting long texts into chunks. Garbage that is
    made later is found as ever, and at the end of the process all is freed: DuckDB's binding complains on the terminal of what is not.
    """
    gc.freeze()
    atexit.register(gc.unfreeze)
