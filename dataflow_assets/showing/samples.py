"""Rows of a stage to look at: what went on and what did not, texts before and after, and rows on either side of a threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_assets.showing.markdown import cell, plain, table
from dataflow_assets.showing.word_diff import word_diff
from operators.tables.storage import Storage
from operators.tables.types import PARENT_IDS, ROW_ID

ROWS = 5
COLUMNS = 4
CHANGED_ROWS = 4
EITHER_SIDE = 3
MOST_SPACES = 4
HAIR_SPACE = "\u200a"
MANY = 2000
"""Rejected rows among which one of each rule is looked for."""
COMPARED_ROWS = 20_000
"""Changed rows are looked for among the first of these."""


def preview(kept: Storage, rejected: Storage) -> str:
    """The first rows that went on and, beside them, rows that did not: one for each operator that rejected some, then the first others."""
    shown = [name for name in kept.schema.names if name not in (ROW_ID, PARENT_IDS)][:COLUMNS] or [ROW_ID]
    rows = _first_rows(kept, shown, ROWS)[:ROWS]
    known = [name for name in shown if name in rejected.schema.names]
    aside = _of_each(_first_rows(rejected, [*known, "rejected_by", "rejected_reason"]))
    if not aside:
        return table(shown, [[cell(row[name]) for name in shown] for row in rows])
    left = [_row(row, shown) for row in rows]
    right = [f"**{cell(row['rejected_reason'])}** · {_row(row, known)}" for row in aside]
    height = max(len(left), len(right))
    return table(["kept", "rejected, and why"], [[_at(part, index) for part in (left, right)] for index in range(height)])


def changed_texts(before: Storage, after: Storage, columns: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """(row id, column, old, new) of the first rows in which one of `columns` was rewritten. `after` has rows of `before` in its order, or all."""
    found = seen = 0
    for old, new in _facing(before.batches([ROW_ID, *columns]), after.batches([ROW_ID, *columns])):
        for name in columns:
            differs = pc.fill_null(pc.not_equal(old.column(name), new.column(name)), False)
            for place in pc.indices_nonzero(differs).to_pylist()[: CHANGED_ROWS - found]:
                yield old.column(ROW_ID)[place].as_py(), name, str(old.column(name)[place]), str(new.column(name)[place])
                found += 1
        seen += old.num_rows
        if found >= CHANGED_ROWS or seen >= COMPARED_ROWS:
            return


def _facing(before: Iterator[pa.RecordBatch], after: Iterator[pa.RecordBatch]) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """The rows that are in both, as batches that face each other."""
    new = next(after, None)
    for old in before:
        while new is not None:
            places = pc.index_in(new.column(ROW_ID), value_set=old.column(ROW_ID))
            here = new.num_rows - places.null_count
            yield old.take(places.slice(0, here)), new.slice(0, here)
            if here < new.num_rows:  # the others are in the next batch of `before`
                new = new.slice(here)
                break
            new = next(after, None)


def before_and_after(changes: Sequence[tuple[str, str, str, str]]) -> str:
    """Markdown: what was taken out is struck through, what was put in is bold."""

    def removed(text: str) -> str:
        return _marked(text, "~~")

    def added(text: str) -> str:
        return _marked(text, "**")

    rows = [
        [cell(row_id[:8]), cell(column), " ".join(word_diff(old, new, plain, removed, added).split("\n"))] for row_id, column, old, new in changes
    ]
    return table(["row", "column", "before and after"], rows)


def either_side(kept: Storage, rejected: Storage, column: str, bounds: Mapping[str, float]) -> str:
    """The rows whose score is nearest to where a filter cuts, those kept above the line and those rejected below it."""
    near = [(name, bound, _nearest(kept, column, bound), _nearest(rejected, column, bound)) for name, bound in bounds.items()]
    shown = [name for name in kept.schema.names if name not in (ROW_ID, PARENT_IDS, column)][:2]
    rows = []
    for name, bound, inside, outside in near:
        for said, found in (("kept", inside), ("rejected", outside)):
            rows += [[f"{cell(name)} = {bound:g}", said, cell(row[column]), *(cell(row.get(other)) for other in shown)] for row in found]
    return table(["threshold", "", cell(column), *map(cell, shown)], rows, right=[column])


def _nearest(storage: Storage, column: str, bound: float) -> list[dict[str, Any]]:
    if column not in storage.schema.names:
        return []
    numbers = pc.cast(storage.read([column]).column(column), pa.float64(), safe=False)
    distance = pc.abs(pc.subtract(numbers, bound))
    places = pc.array_sort_indices(distance).slice(0, EITHER_SIDE)
    places = sorted(place for place in places.to_pylist() if numbers[place].is_valid)
    found: list[dict[str, Any]] = []
    first = 0
    for batch in storage.batches():
        found += [batch.slice(place - first, 1).to_pylist()[0] for place in places if first <= place < first + batch.num_rows]
        first += batch.num_rows
        if places and first > places[-1]:
            break
    return sorted(found, key=lambda row: float(row[column]))


def _marked(text: str, mark: str) -> str:
    """Marks mean nothing between a word and a full stop, or before a space: they stand between hair spaces, and at words."""
    inner = text.strip()
    if not inner:
        return f"{HAIR_SPACE}{mark}{_visible(text)}{mark}{HAIR_SPACE}"
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before or HAIR_SPACE}{mark}{plain(inner)}{mark}{after or HAIR_SPACE}"


def _visible(text: str) -> str:
    seen = text.replace("\n", "¶").replace("\t", "⇥").replace(" ", "·")
    return seen if len(seen) <= MOST_SPACES else f"{seen[:MOST_SPACES]}…"


def _first_rows(storage: Storage, columns: Sequence[str], size: int = MANY) -> list[dict[str, Any]]:
    return next((list(rows.to_pylist()) for rows in storage.batches(columns, size)), [])


def _of_each(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    first = {row["rejected_by"]: row for row in reversed(rows)}
    chosen = [row for row in rows if first[row["rejected_by"]] is row][:ROWS]
    others = [row for row in rows if row not in chosen]
    return [*chosen, *others][:ROWS]


def _row(row: dict[str, Any], columns: Sequence[str]) -> str:
    return " · ".join(f"**{cell(name)}** {cell(row[name])}" for name in columns)


def _at(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else " "
