"""HTML from values: everything is escaped, and what is long is cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

CHARACTERS = 600


def text(value: Any, characters: int = CHARACTERS) -> str:
    """A value of a row."""
    shown = "" if value is None else str(value)
    return escape(shown if len(shown) <= characters else shown[:characters] + "…")


def number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def tag(name: str, *inside: str, **attributes: str) -> str:
    """`inside` is HTML already."""
    said = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{said}>{''.join(inside)}</{name}>"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> str:
    """Cells are HTML already; the columns named in `right` are numbers."""
    places = {index for index, name in enumerate(columns) if name in right}

    def line(kind: str, cells: Sequence[str]) -> str:
        return tag("tr", *(tag(kind, cell, **({"class_": "number"} if index in places else {})) for index, cell in enumerate(cells)))

    return tag("table", tag("thead", line("th", [escape(name) for name in columns])), tag("tbody", *(line("td", row) for row in rows)))


def folded(title: str, inside: str) -> str:
    return tag("details", tag("summary", escape(title)), inside)
