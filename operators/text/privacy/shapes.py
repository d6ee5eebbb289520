"""Shapes of numbers ("999-99-9999"), many of them looked for at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

_SIGNS: Final = {"9": "[0-9]", "A": "[A-Z]"}
_SHAPE_OF: Final = str.maketrans({**{chr(code): "A" for code in range(65, 91)}, **{str(digit): "9" for digit in range(10)}})


def any_of(shapes: Iterable[str], before: str, after: str) -> re.Pattern[str]:
    """Finds, as group 1, the longest of the shapes at every place where `before` and `after` (patterns without width) hold around it.

    9 stands for a digit, A for a capital letter, anything else for itself. Matches are empty, so that shapes may overlap.
    """
    return re.compile(f"{before}(?=({_tree(shapes, after)}))")


def shape_of(value: str) -> str:
    return value.translate(_SHAPE_OF)


def _tree(shapes: Iterable[str], after: str) -> str:
    """A pattern in which shapes share what they begin with, so that it is tried once."""
    ordered = sorted(set(shapes), reverse=True)
    branches = [
        _SIGNS.get(sign, re.escape(sign)) + _tree((shape[1:] for shape in group), after) for sign, group in groupby(filter(None, ordered), key=_first)
    ]
    if "" in ordered:
        branches.append(after)
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _first(shape: str) -> str:
    return shape[0]
