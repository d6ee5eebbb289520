"""Where code stands and what it does: the line that made a call, and a hash of a class."""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import os
import sys
import textwrap
from pathlib import Path

from operators.core.definitions import content_of, flat, is_defined_in_a_file


@functools.cache
def source_hash(cls: type) -> str:
    """Changes when the code of the class or of what it uses outside `operators.core` changes; not with comments, docstrings or formatting.

    See `definitions` for what it uses. "" where the source cannot be read (a class typed at a prompt).
    """
    bases = [base for base in cls.__mro__ if not base.__module__.startswith(("operators.core", "pydantic", "builtins", "typing", "abc"))]
    in_files = [base for base in bases if is_defined_in_a_file(base)]
    parts = [content_of(in_files)] if in_files else []
    for base in bases:
        if base not in in_files:
            try:
                parts.append(flat(ast.parse(textwrap.dedent(inspect.getsource(base)))))
            except (OSError, TypeError, SyntaxError):
                continue
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16] if parts else ""


def caller() -> str:
    """file:line of the nearest frame outside this package and pydantic, as short as it is clear."""
    frame = sys._getframe(1)
    here = str(Path(__file__).parent)
    while frame.f_back is not None and (frame.f_code.co_filename.startswith(here) or f"{os.sep}pydantic{os.sep}" in frame.f_code.co_filename):
        frame = frame.f_back
    path = Path(frame.f_code.co_filename)
    return f"{'/'.join(path.parts[-2:])}:{frame.f_lineno}"
