"""How the numbers of a column are distributed, as a picture."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BINS = 20
MOST_VALUES = 10
"""A column with no more different values, all with short names, gets a bar for each."""
LONGEST_NAME = 5
MOST_COUNTS = 6
"""Bars that have room for their number of rows above them."""
WIDTH, HEIGHT, TOP, BASE = 420, 110, 14, 92


@dataclass(frozen=True)
class Histogram:
    """`bars` are (what they stand for, rows); `edges` are where they lie on the scale, one more than bars, none where each stands for a value."""

    bars: tuple[tuple[str, int], ...]
    nulls: int = 0
    edges: tuple[float, ...] = ()

    @staticmethod
    def of(column: pa.ChunkedArray) -> Histogram:
        """Of a column of numbers; null and NaN are counted apart."""
        numbers = pc.drop_null(column.cast(pa.float64(), safe=False)).to_numpy()
        finite = numbers[np.isfinite(numbers)]
        nulls = len(column) - len(finite)
        values, counts = np.unique(finite, return_counts=True)
        names = [f"{value:g}" for value in values[: MOST_VALUES + 1]]
        if len(values) <= MOST_VALUES and len(set(names)) == len(names) and all(len(name) <= LONGEST_NAME for name in names):
            return Histogram(tuple((name, int(count)) for name, count in zip(names, counts, strict=True)), nulls)
        return _in_ranges(finite, nulls)

    def markdown(self) -> str:
        """The picture. Its text is short enough for Dagster to show it in place, which it does not with more than a thousand characters."""
        if not self.bars:
            return f"no values, {self.nulls:,} null"
        picture = f"![histogram](data:image/svg+xml;base64,{base64.b64encode(self.svg().encode()).decode()})"
        return picture + (f"\n\n{self.nulls:,} rows without a value" if self.nulls else "")

    def told(self) -> str:
        """In words: "0: 12 rows, 1: 40 rows"."""
        counts = [f"{name}: {count:,}" for name, count in self.bars if count]
        return ", ".join([*counts, *([f"no value: {self.nulls:,}"] if self.nulls else [])])

    def svg(self) -> str:
        """A picture that stands alone: a bar for each value or range, the ends of the scale, and the most rows of a bar."""
        most = max((count for _, count in self.bars), default=0) or 1
        step = WIDTH / max(len(self.bars), 1)
        path, texts = "", []
        for place, (name, count) in enumerate(self.bars):
            tall, middle = round((BASE - TOP) * count / most) or bool(count), round((place + 0.5) * step)
            path += f"M{middle} {BASE}v-{tall}" if count else ""
            if not self.edges:
                texts.append((middle, BASE + 13, name))
            if count and len(self.bars) <= MOST_COUNTS:
                texts.append((middle, BASE - tall - 3, _short(count)))
        if self.edges:
            ends = ((self.edges[0], 30), (self.edges[len(self.edges) // 2], WIDTH // 2), (self.edges[-1], WIDTH - 30))
            texts += [(x, BASE + 13, f"{edge:.3g}") for edge, x in ends]
            texts.append((WIDTH - 40, 9, f"most {most:,}"))
        labels = "".join(f'<text x="{x}" y="{y}">{html.escape(text)}</text>' for x, y, text in texts)
        thick = min(max(round(step) - 2, 1), 60)
        look = "background:#fff;font:11px sans-serif;text-anchor:middle"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" style="{look}">'
            f'<path d="{path}" stroke="#4f43dd" stroke-width="{thick}"/><path d="M0 {BASE}h{WIDTH}" stroke="#999"/>{labels}</svg>'
        )


def _in_ranges(numbers: np.ndarray[Any, np.dtype[np.float64]], nulls: int) -> Histogram:
    """A bar for each of BINS ranges of one width. Halves are reckoned with: the whole scale may be longer than a number can say."""
    low, high = numbers.min() / 2, numbers.max() / 2
    if not high - low > 0:
        return Histogram(((f"{2 * low:.6g}", len(numbers)),), nulls, (2 * low, 2 * high))
    places = ((numbers / 2 - low) / (high - low) * BINS).astype(np.int64).clip(0, BINS - 1)
    edges = tuple(float(2 * (low * (1 - part) + high * part)) for part in np.arange(BINS + 1) / BINS)
    counts = np.bincount(places, minlength=BINS)
    return Histogram(tuple((f"{edges[index]:.3g} to {edges[index + 1]:.3g}", int(count)) for index, count in enumerate(counts)), nulls, edges)


def _short(count: int) -> str:
    """ "950", "9,500", "95k", "9,500k"."""
    return f"{count:,}" if count < 10_000 else f"{count / 1000:,.0f}k"
