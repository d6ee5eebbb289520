"""Samples of a stage's rows as Markdown, for people who look at an asset in the UI."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from operators.tables.storage import Storage
from operators.tables.types import PARENT_IDS, ROW_ID

ROWS = 5
COLUMNS = 4
CHARACTERS = 160
LONGEST_WORD = 50
"""A longer one, mostly an address, would make the table wider than the page."""

_MARKUP = re.compile(r"([\\`*_\[\]!~|#])")


def preview(kept: Storage, rejected: Storage) -> str:
    """The first rows that went on and, beside them, rows that did not: one for each operator that rejected some, then the first others."""
    shown = [name for name in kept.schema.names if name not in (ROW_ID, PARENT_IDS)][:COLUMNS] or [ROW_ID]
    rows = _first_rows(kept, shown)[:ROWS]
    known = [name for name in shown if name in rejected.schema.names]
    aside = _of_each(_first_rows(rejected, [*known, "rejected_by", "rejected_reason"]))
    if not aside:
        return _table(shown, [[cell(row[name]) for name in shown] for row in rows])
    left = [_row(row, shown) for row in rows]
    right = [f"**{cell(row['rejected_reason'])}** · {_row(row, known)}" for row in aside]
    height = max(len(left), len(right))
    return _table(["kept", "rejected, and why"], [[_at(part, index) for part in (left, right)] for index in range(height)])


def cell(value: Any) -> str:
    """A value as text of a Markdown table: short, in one line, and nothing in it is markup, or an image that a browser would fetch."""
    text = "" if value is None else str(value)
    words = (word if len(word) <= LONGEST_WORD else word[:LONGEST_WORD] + "…" for word in text[:CHARACTERS].split())
    shortened = " ".join(words) + ("…" if len(text) > CHARACTERS else "")
    return _MARKUP.sub(r"\\\1", html.escape(shortened)) or " "


def _first_rows(storage: Storage, columns: Sequence[str]) -> list[dict[str, Any]]:
    return next((list(rows.to_pylist()) for rows in storage.batches(columns)), [])


def _of_each(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    first = {row["rejected_by"]: row for row in reversed(rows)}
    chosen = [row for row in rows if first[row["rejected_by"]] is row][:ROWS]
    others = [row for row in rows if row not in chosen]
    return [*chosen, *others][:ROWS]


def _row(row: dict[str, Any], columns: Sequence[str]) -> str:
    return " · ".join(f"**{cell(name)}** {cell(row[name])}" for name in columns)


def _at(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else " "


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [list(columns), ["---"] * len(columns), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
