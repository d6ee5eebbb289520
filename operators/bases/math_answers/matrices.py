r"""The rows and entries of a matrix in LaTeX: entries are parted by &, rows by \\."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WHOLE: Final = re.compile(
    r"(?P<opening>\(|\[|\||\\\{)?\s*\\begin\s*\{(?P<kind>[pbBvV]?(?:small)?matrix|array)\*?\}(?P<body>.*)\\end\s*\{(?P=kind)\*?\}\s*(?P<end>\)|\]|\||\\\})?",
    re.DOTALL,
)
_COLUMNS: Final = re.compile(r"\s*(?:\[[a-z]\]\s*)?\{[^{}]*\}|\s*\[[lcr]+\]")
_LINE: Final = re.compile(r"\\(?:hline|cline\s*\{[^{}]*\})")
_MARK: Final = re.compile(r"\\begin(?![A-Za-z])|\\end(?![A-Za-z])|\\\\|\\&|&|[{}]")


@dataclass(frozen=True, slots=True)
class Table:
    """What is written in a matrix. `determinant`: it stands between bars, and so is a number."""

    rows: tuple[tuple[str, ...], ...]
    determinant: bool = False


def table_in(text: str) -> Table | None:
    r"""The matrix that the whole of a text is; None where it is more than that, or none.

    >>> table_in(r"\begin{pmatrix}1 & 2 \\ 3 & 4\end{pmatrix}").rows, table_in(r"2\begin{pmatrix}1\end{pmatrix}")
    ((('1', '2'), ('3', '4')), None)
    """
    found = _WHOLE.fullmatch(text)
    if found is None:
        return None
    body, kind = found["body"], found["kind"]
    columns = _COLUMNS.match(body) if kind == "array" or body.lstrip().startswith("[") else None
    rows = _rows(_LINE.sub(" ", body[columns.end() :] if columns else body))
    return None if rows is None else Table(rows, determinant=kind[0] in "vV" or found["opening"] == "|")


def _rows(body: str) -> tuple[tuple[str, ...], ...] | None:
    """None where environments or braces do not close in it, as in the text from one matrix to another."""
    rows: list[list[str]] = [[]]
    start = depth = 0
    for mark in _MARK.finditer(body):
        written = mark[0]
        depth += (written in ("{", r"\begin")) - (written in ("}", r"\end"))
        if depth < 0:
            return None
        if depth == 0 and written in ("&", "\\\\"):
            rows[-1].append(body[start : mark.start()].strip())
            start = mark.end()
            if written != "&":
                rows.append([])
    rows[-1].append(body[start:].strip())
    if rows[-1] == [""]:
        rows.pop()
    return tuple(map(tuple, rows)) if rows and not depth else None
