"""In which order the pieces of a page are read: columns one after the other, and what stands across them between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Protocol, TypeVar

from resources.documents.pdf.fragments import is_right_to_left


class Piece(Protocol):
    """Something on a page with a box, in coordinates that grow to the right and downwards."""

    left: float
    right: float
    top: float
    bottom: float
    size: float
    """Height of a line; 0 for what is no text."""
    text: str


AnyPiece = TypeVar("AnyPiece", bound=Piece)

_FEWEST_LINES: Final = 3
"""On each side of a gutter."""
_NARROWEST_GUTTER: Final = 0.6
"""Of the height of a line."""
_FILLED: Final = 0.5
"""Lines of a column fill so much of its width, in the middle; cells of a table fill less."""
_WORDY: Final = 14
"""Characters of such a line, in the middle. Signs of East Asia count for two."""
_INDENT: Final = 1.8
"""Of the height of a line: how far from the edge of a column a line of it may begin."""
_SAME_LINE: Final = 0.5
_MOST_GUTTERS: Final = 60
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class _Cut:
    x: float
    zones: tuple[tuple[int, int], ...]
    """Runs of pieces (from, to), by their order from top to bottom, that it divides into columns."""
    weight: float


def regions_of(pieces: Sequence[AnyPiece], depth: int = 0) -> list[list[AnyPiece]]:
    """Groups of pieces, each a column or a part of one, in reading order. Within a group pieces are read line by line."""
    ordered = sorted(pieces, key=lambda piece: (piece.top, piece.left))
    cut = _best_cut(ordered) if depth < _DEEPEST and len(ordered) >= 2 * _FEWEST_LINES else None
    if cut is None:
        return [ordered] if ordered else []
    regions: list[list[AnyPiece]] = []
    at = 0
    for start, end in cut.zones:
        if start > at:
            regions += regions_of(ordered[at:start], depth + 1)
        left = [piece for piece in ordered[start:end] if (piece.left + piece.right) / 2 < cut.x]
        right = [piece for piece in ordered[start:end] if (piece.left + piece.right) / 2 >= cut.x]
        text = "".join(piece.text for piece in ordered[start:end])
        for side in (right, left) if is_right_to_left(text) else (left, right):
            regions += regions_of(side, depth + 1)
        at = end
    if at < len(ordered):
        regions += regions_of(ordered[at:], depth + 1)
    return regions


def _best_cut(ordered: Sequence[Piece]) -> _Cut | None:
    sizes = [piece.size for piece in ordered if piece.size]
    gutter = _NARROWEST_GUTTER * (median(sizes) if sizes else 10.0)
    cuts = (cut for x in _gutters(ordered) if (cut := _cut_at(ordered, x, gutter)) is not None)
    return max(cuts, key=lambda cut: cut.weight, default=None)


def _gutters(ordered: Sequence[Piece]) -> list[float]:
    """Middles of the gaps between a right edge and the next left edge that many pieces have."""
    edges = sorted({round(piece.left) for piece in ordered})
    rights = sorted(piece.right for piece in ordered)
    found: dict[float, int] = {}
    for left in edges:
        before = [right for right in rights if right <= left - 1]
        if not before:
            continue
        starting = sum(abs(piece.left - left) <= 2 for piece in ordered)
        if starting >= _FEWEST_LINES - 1:
            found[left - 1.0] = starting
    chosen = sorted(found, key=lambda x: -found[x])[:_MOST_GUTTERS]
    return sorted(chosen)


def _cut_at(ordered: Sequence[Piece], x: float, gutter: float) -> _Cut | None:
    """The zones that a gutter of this width, just left of the pieces that begin at `x`, divides; None where it divides nothing."""
    zones, weight = [], 0.0
    start = 0
    for place in range(len(ordered) + 1):
        if place < len(ordered) and not (ordered[place].left < x - 1 and ordered[place].right > x - gutter):
            continue
        if place - start >= 2 * _FEWEST_LINES and (zone := _zone(ordered, start, place, x)) is not None:
            zones.append((zone[0], zone[1]))
            weight += zone[2]
        start = place + 1
    return _Cut(x, tuple(zones), weight) if zones else None


def _zone(ordered: Sequence[Piece], start: int, end: int, x: float) -> tuple[int, int, float] | None:
    """From where to where these pieces are columns, and how much text that is. What stands above or below on one side only stays outside."""
    inside = ordered[start:end]
    left = [piece for piece in inside if piece.right <= x + 1]
    right = [piece for piece in inside if piece.left >= x - 1]
    if min(_lines(left), _lines(right)) < _FEWEST_LINES:
        return None
    size = median(piece.size for piece in inside if piece.size) if any(piece.size for piece in inside) else 10.0
    top = max(min(piece.top for piece in left), min(piece.top for piece in right))
    bottom = min(max(piece.bottom for piece in left), max(piece.bottom for piece in right))
    if bottom - top < 2 * size:
        return None
    beginning = sum(piece.left <= x + _INDENT * size for piece in right)
    if beginning < 0.6 * _lines(right):
        return None
    if not (_is_column(left) and _is_column(right)) and _shared_lines(left, right) > _SAME_LINE:
        return None
    return start, end, min(_area(left), _area(right))


def _lines(pieces: Sequence[Piece]) -> int:
    """How many lines there are, pictures and tables counted as the lines that they are high."""
    count, last = 0, float("-inf")
    for piece in pieces:
        if not piece.size:
            count += 3
        elif piece.top > last + 0.5 * piece.size:
            count += 1
            last = piece.top
    return count


def _is_column(pieces: Sequence[Piece]) -> bool:
    """Whether these are lines of running text: most reach far, and say something in letters."""
    lines: dict[int, list[Piece]] = {}
    for piece in pieces:
        if piece.size:
            lines.setdefault(round(piece.bottom / (0.4 * piece.size)), []).append(piece)
    if not lines:
        return True
    width = max(piece.right for piece in pieces) - min(piece.left for piece in pieces)
    filled = median(sum(piece.right - piece.left for piece in line) / max(width, 1.0) for line in lines.values())
    long_enough = median(sum(_length(piece.text) for piece in line) for line in lines.values()) >= _WORDY
    text = "".join(piece.text for piece in pieces)
    return filled >= _FILLED and long_enough and sum(map(str.isalpha, text)) > 0.6 * len(text.replace(" ", ""))


def _length(text: str) -> int:
    return len(text) + sum("\u2e80" <= character <= "\uffef" for character in text)


def _shared_lines(left: Sequence[Piece], right: Sequence[Piece]) -> float:
    """The share of the lines of the side with fewer that have a line beside them on the other."""
    few, many = sorted((left, right), key=len)
    if not few:
        return 0.0
    bottoms = [piece.bottom for piece in many]
    return sum(any(abs(piece.bottom - bottom) < 0.25 * max(piece.size, 4.0) for bottom in bottoms) for piece in few) / len(few)


def _area(pieces: Sequence[Piece]) -> float:
    return sum((piece.bottom - piece.top) * (piece.right - piece.left) for piece in pieces)


def rows_of(region: Sequence[AnyPiece]) -> list[list[AnyPiece]]:
    """The pieces of a region line by line, from top to bottom, each line in the direction of its script."""
    rows: list[list[AnyPiece]] = []
    for piece in sorted(region, key=lambda piece: ((piece.top + piece.bottom) / 2, piece.left)):
        if rows and _on_one_line(rows[-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda piece: piece.left, reverse=len(row) > 1 and is_right_to_left("".join(piece.text for piece in row)))
    return rows


def _on_one_line(row: Sequence[Piece], piece: Piece) -> bool:
    last = row[-1]
    if not last.size or not piece.size:
        return False
    height = min(last.bottom - last.top, piece.bottom - piece.top)
    overlap = min(last.bottom, piece.bottom) - max(last.top, piece.top)
    beside = all(piece.left >= other.right - 0.3 * other.size or piece.right <= other.left + 0.3 * other.size for other in row)
    return overlap > 0.5 * height and beside
