"""Workbooks: each sheet a heading, and its cells as tables, one for each group of cells that stands apart."""

from __future__ import annotations

import datetime
import io
import re
import warnings
from collections.abc import Iterator
from typing import Any, Final

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Place
from operators.document_model.document import Document
from resources.documents.archives import open_archive, read_part, refuse_declarations
from resources.documents.options import Options
from resources.documents.stopped import Stopped

_MOST_CELLS: Final = 2_000_000
_WITHOUT_VALUE: Final = re.compile(rb"<c\b([^<>]*)>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""Characters that XML has not, such as carriage returns (ECMA-376, part 1, 22.9.2.19)."""
_ZEROS: Final = re.compile(r"0{2,}")
_GAP: Final = 1
"""Empty rows between two tables."""


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    import openpyxl

    with open_archive(content, options) as archive:
        refuse_declarations(archive)
        unknown = sum(map(_without_value, (read_part(archive, name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet"))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if len(sheets) > options.pages:
        raise Stopped("page limit", f"it has {len(sheets):,} sheets, and {options.pages:,} are allowed")
    blocks = [block for number, sheet in enumerate(sheets, 1) for block in _sheet(sheet, number)]
    notes = (f"{unknown:,} formulas have no value in the file: calculate it in a spreadsheet program, and save it",) if unknown else ()
    if notes and not blocks:
        raise Stopped("empty", notes[0])
    return Document.of(blocks, title=(book.properties.title or "").strip(), pages=len(sheets), notes=notes)


def _without_value(part: bytes) -> int:
    """Formulas of a sheet that nobody has calculated: files that programs write have no values. An empty text is a value."""
    return sum(b't="str"' not in found[1] for found in _WITHOUT_VALUE.finditer(part))


def _sheet(sheet: Any, number: int) -> Iterator[Block]:
    place = Place(number, None, str(sheet.title))
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    count = 0
    found = False
    empty = 0
    for row in sheet.iter_rows():
        cells = [_shown_in_form(cell).strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        count += sum(map(bool, cells))
        if count > _MOST_CELLS:
            raise Stopped("size limit", f"it has more than {_MOST_CELLS:,} cells")
        if any(cells):
            if not found:
                yield make.heading(str(sheet.title), 1, place)
                found = True
            if empty > _GAP and rows:
                yield from _tables(rows, place)
                rows = []
            elif empty and rows:
                rows += [[]] * empty
            rows.append(cells)
            empty = 0
        else:
            empty += 1
    yield from _tables(rows, place)


def _tables(rows: list[list[str]], place: Place) -> Iterator[Block]:
    """Tables side by side, where an empty column stands between them; a lone cell is a paragraph."""
    width = max(map(len, rows), default=0)
    filled = [any(column < len(row) and row[column] for row in rows) for column in range(width)]
    start = 0
    for column in range(width + 1):
        if column < width and filled[column]:
            continue
        if column > start:
            part = [row[start:column] for row in rows]
            yield from _one(part, place)
        start = column + 1


def _one(part: list[list[str]], place: Place) -> Iterator[Block]:
    group: list[list[str]] = []
    for row in [*part, []]:
        if any(row):
            group.append(row)
        elif group:
            cells = [cell for one in group for cell in one if cell]
            yield make.paragraph(cells[0], place) if len(cells) == 1 else make.table(group, place=place)
            group = []


def _shown_in_form(cell: Any) -> str:
    """A whole number with the zeros before it that its format asks for, such as a postal code; other cells as `shown`."""
    value = cell.value
    if type(value) is int and _ZEROS.fullmatch(form := cell.number_format):
        return str(value).zfill(len(form))
    return shown(value)


def shown(value: Any) -> str:
    """A cell as a reader sees it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    text = str(value)
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
