"""The tables of reStructuredText: drawn with "+---+", with columns under "====  ====", written as CSV, and as a list of lists."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

_GRID_BORDER: Final = re.compile(r"\s*\+(?:[-=]+\+)+\s*$")
_SIMPLE_BORDER: Final = re.compile(r"=+(?: +=+)+$")
_CELL: Final = re.compile(r"(?:(\* +)|  +)-(?: +(.*))?$")


def is_grid(lines: Sequence[str], at: int) -> bool:
    return _GRID_BORDER.match(lines[at]) is not None and at + 1 < len(lines) and lines[at + 1].lstrip().startswith("|")


def is_simple(line: str) -> bool:
    return _SIMPLE_BORDER.match(line) is not None


def grid_table(part: Sequence[str]) -> tuple[list[list[str]], bool]:
    """The cells, and whether the first row names the columns. A cell over several columns stands in the first of them."""
    bounds = [at for at, character in enumerate(part[0]) if character == "+"]
    rows: list[list[str]] = []
    header = False
    current: list[list[str]] | None = None
    for line in part[1:]:
        if line.lstrip().startswith("+"):
            if current is not None:
                rows.append(["\n".join(cell).strip() for cell in current])
            header = header or ("=" in line and len(rows) == 1)
            current = None
            continue
        if current is None:
            current = [[] for _ in bounds[:-1]]
        start = 0
        for number, (left, right) in enumerate(pairwise(bounds)):
            if line[right : right + 1] in ("|", "+"):
                current[start].append(line[bounds[start] + 1 : right].strip())
                start = number + 1
            elif number == len(bounds) - 2:
                current[min(start, number)].append(line[left + 1 :].rstrip(" |").strip())
    return rows, header


def simple_table(part: Sequence[str]) -> tuple[list[list[str]], bool]:
    """The same for a table under borders of "="."""
    columns = [found.span() for found in re.finditer(r"=+", part[0])]
    starts = [start for start, _ in columns]
    ends = [*starts[1:], None]
    rows: list[list[str]] = []
    borders = 0
    header = False
    for line in part[1:]:
        if is_simple(line):
            borders += 1
            header = header or (borders == 1 and bool(rows) and line is not part[-1])
            continue
        if not line.strip() or set(line) <= {"-", " "}:
            continue
        cells = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        if not cells[0] and rows:
            rows[-1] = [f"{above}\n{cell}".strip() if cell else above for above, cell in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    return rows, header


def csv_table(body: Sequence[str], options: Mapping[str, str]) -> tuple[list[list[str]], bool]:
    """The same for a table in CSV, whose names may be an option; no rows where it is none, or in another file."""
    delimiter = {"tab": "\t", "space": " "}.get(options.get("delim", ","), options.get("delim", ","))
    lines = [*([options["header"]] if "header" in options else []), *body]
    if len(delimiter) != 1 or not body:
        return [], False
    rows = [row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row]
    return rows, "header" in options or _named(options)


def list_table(body: Sequence[str], options: Mapping[str, str]) -> tuple[list[list[str]], bool]:
    """The same for a list of rows, each a list of cells; no rows where it is none."""
    rows: list[list[str]] = []
    for line in body:
        found = _CELL.match(line)
        if found is not None and found[1]:
            rows.append([found[2] or ""])
        elif found is not None and rows:
            rows[-1].append(found[2] or "")
        elif rows and line.startswith(" "):
            rows[-1][-1] = f"{rows[-1][-1]}\n{line.strip()}".strip()
        elif line:
            return [], False
    return rows, _named(options)


def _named(options: Mapping[str, str]) -> bool:
    """Whether the first row names the columns."""
    return options.get("header-rows", "0").strip() not in ("", "0")
