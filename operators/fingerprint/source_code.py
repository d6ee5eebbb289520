"""A hash of what a class does."""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import textwrap

from operators.fingerprint.definitions import content_of, flat, is_abstraction, is_defined_in_a_file

_NOT_OURS = ("pydantic", "builtins", "typing", "abc")


@functools.cache
def source_hash(cls: type) -> str:
    """Changes when the code of the class or of what it uses outside the abstractions changes; not with comments, docstrings or formatting.

    See `definitions` for what it uses. "" where the source cannot be read (a class typed at a prompt).
    """
    bases = [base for base in cls.__mro__ if not is_abstraction(base.__module__) and base.__module__.partition(".")[0] not in _NOT_OURS]
    in_files = [base for base in bases if is_defined_in_a_file(base)]
    parts = [content_of(in_files)] if in_files else []
    for base in bases:
        if base not in in_files:
            try:
                parts.append(flat(ast.parse(textwrap.dedent(inspect.getsource(base)))))
            except (OSError, TypeError, SyntaxError):
                continue
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16] if parts else ""
