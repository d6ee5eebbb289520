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


@functools.cache
def source_hash(cls: type) -> str:
    """Changes when the code of the class, or of its bases outside `operators.core`, changes; not with comments, docstrings or formatting.

    "" where the source cannot be read (a class typed at a prompt).
    """
    parts = []
    for base in cls.__mro__:
        if base.__module__.startswith(("operators.core", "pydantic", "builtins", "typing", "abc")):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError, SyntaxError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                _drop_docstring(node)
        parts.append(ast.dump(tree))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16] if parts else ""


def _drop_docstring(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body = node.body[1:] or [ast.Pass()]


def caller() -> str:
    """file:line of the nearest frame outside this package and pydantic, as short as it is clear."""
    frame = sys._getframe(1)
    here = str(Path(__file__).parent)
    while frame.f_back is not None and (frame.f_code.co_filename.startswith(here) or f"{os.sep}pydantic{os.sep}" in frame.f_code.co_filename):
        frame = frame.f_back
    path = Path(frame.f_code.co_filename)
    return f"{'/'.join(path.parts[-2:])}:{frame.f_lineno}"
