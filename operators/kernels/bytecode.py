"""Python's own compiled files: what an installer did not write is written once, so that no process has to compile the source of numba again."""

from __future__ import annotations

import contextlib
import py_compile
import sys
from pathlib import Path


def keep_bytecode() -> int:
    """Write the bytecode of every imported module that has none; how many were written.

    Some installers leave that to the first import, and with PYTHONDONTWRITEBYTECODE nobody does it: then each new process compiles 600 files of numba
    alone, in 2 seconds. Where the folder is read-only nothing is written.
    """
    written = 0
    for module in list(sys.modules.values()):
        specification = getattr(module, "__spec__", None)
        source, kept = getattr(specification, "origin", None), getattr(specification, "cached", None)
        if source and kept and source.endswith(".py") and Path(source).is_file() and not Path(kept).exists():
            with contextlib.suppress(OSError, py_compile.PyCompileError):
                py_compile.compile(source, kept, doraise=True)
                written += 1
    return written
