"""Reading Python that nobody has looked at."""

from __future__ import annotations

import ast
import warnings


def parse_python(code: str) -> ast.Module:
    """The tree of a program, whatever it is: nothing is run, and nothing is printed. A byte order mark before it is no part of it.

    Raises:
        SyntaxError: it is no Python, or nested too deeply to be parsed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of backslashes in strings, which Python 3.11 calls deprecated and later ones a SyntaxWarning
            return ast.parse(code.removeprefix("\ufeff"))
    except (RecursionError, MemoryError):  # so CPython's parser says that its stack is full
        raise SyntaxError("it is nested too deeply to be parsed") from None
    except ValueError as error:  # a null byte, a lone surrogate
        raise SyntaxError(str(error)) from None
