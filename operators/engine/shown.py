"""Results as people see them: plain text in a terminal, HTML in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

PREVIEW_ROWS = 3
PREVIEW_CHARACTERS = 200


def as_text(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A title, and below it the rows in columns as wide as their content."""
    cells = [list(row) for row in rows]
    if not cells:
        return title
    widths = [max(len(row[place]) for row in [columns, *cells]) for place in range(len(columns))]
    lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [columns, *cells]]
    return "\n".join([title, *lines])


def as_html(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], tables: Mapping[str, pa.Table]) -> str:
    """The same as HTML, and the first rows of each table, long values cut. Every value is escaped."""
    cells = [list(row) for row in rows]
    parts = [f"<p><b>{html.escape(title)}</b></p>"]
    parts += [_table(columns, cells)] if cells else []
    for name, table in tables.items():
        if table.num_rows:
            shown = table.slice(0, PREVIEW_ROWS)
            values = [[_cell(column[place].as_py()) for column in shown.columns] for place in range(shown.num_rows)]
            parts.append(f"<p>{html.escape(name)}: {table.num_rows:,} rows</p>{_table(shown.column_names, values)}")
    return "".join(parts)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= PREVIEW_CHARACTERS else text[:PREVIEW_CHARACTERS] + "…"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
