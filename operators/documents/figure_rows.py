"""A table of figures as one looks things up in it: names in memory, pictures read when they are wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from operators.tables.storage import Storage

FIGURE: Final = "figure"
PICTURE: Final = "picture"
NO_PICTURE: Final = "no_picture"
"""Columns of such a table: the name of a figure in its document, its picture, and why there is none."""
_NEAR: Final = 16
"""Rows between two that are wanted which are read with them."""


class FiguresOf:
    """The figures of one document: name -> row, and why some have no picture."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.reasons: dict[str, str] = {}

    def has(self, name: str) -> bool:
        return name in self.rows

    def why_not(self, name: str) -> str:
        return self.reasons.get(name) or "it is none of the figures of its document"


class FigureRows:
    """The figures of all documents. Of two rows of one name, the first that has a picture counts."""

    def __init__(self, storage: Storage, document: str) -> None:
        self._storage = storage
        self._documents: dict[str | None, FiguresOf] = {}
        at = 0
        for batch in storage.batches([document, FIGURE, NO_PICTURE]):
            for of, name, why in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                figures = self._documents.setdefault(of, FiguresOf())
                if name is not None and why is None:
                    figures.rows.setdefault(name, at)
                elif name is not None:
                    figures.reasons[name] = why
                at += 1

    def of(self, document: str | None) -> FiguresOf:
        return self._documents.get(document) or FiguresOf()

    def pictures(self, wanted: Iterable[tuple[str | None, str]]) -> dict[tuple[str | None, str], bytes | None]:
        """The pictures of these figures, which are there, by document and name."""
        places = {key: self.of(key[0]).rows[key[1]] for key in wanted}
        found: dict[int, bytes | None] = {}
        for first, last in _runs(sorted(set(places.values()))):
            at = first
            for batch in self._storage.rows_from(first, last - first + 1, [PICTURE]):
                found.update(enumerate(batch.column(0).to_pylist(), at))
                at += batch.num_rows
        return {key: found[place] for key, place in places.items()}


def _runs(places: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of runs of places that are near to each other."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and place - runs[-1][1] <= _NEAR:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
