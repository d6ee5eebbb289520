"""The table of a benchmark, as `BenchmarkSummary` makes it, for people: as Markdown, and as HTML with a bar and an interval for each category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, TypeAlias

import pyarrow as pa

from dataflow_assets.showing.markdown import cell, table

Row: TypeAlias = Mapping[str, Any]

CATEGORY: Final = "benchmark_category"
_MARKS: Final = frozenset((CATEGORY, "accuracy_low", "mean_score_low", "p_value"))
_MEAN: Final = ("mean_score", "mean_score_low", "mean_score_high")
_ROW, _LEFT, _WIDE = 34, 190, 420


def is_benchmark(schema: pa.Schema) -> bool:
    """Whether a table is one that `BenchmarkSummary` made, under its own names of columns."""
    return set(schema.names) >= _MARKS


def benchmark_markdown(rows: Sequence[Row]) -> str:
    """A table of the categories, "all" first; with a second model, of both."""
    columns = columns_of(rows)
    return "\n\n".join([table(columns, [[cell(value) for value in line] for line in lines_of(rows)], right=columns[1:]), *said_of(rows)])


def columns_of(rows: Sequence[Row]) -> list[str]:
    other = ["other model", "difference", "only first", "only other", "p"] if _compares(rows) else []
    return ["category", "rows", "scored", _measure(rows), *other]


def lines_of(rows: Sequence[Row]) -> list[list[str]]:
    """The cells of each row, as text."""
    lines = []
    for row in rows:
        line = [str(row[CATEGORY]), f"{row['rows']:,}", f"{row['scored']:,}", _first(row)]
        if _compares(rows):
            difference = _told(row, "difference", "difference_low", "difference_high", sign="+")
            counts = [_number(row["only_first"]), _number(row["only_other"])]
            line += [_told(row, "other_accuracy", "other_accuracy_low", "other_accuracy_high"), difference, *counts, _probability(row["p_value"])]
        lines.append(line)
    return lines


def said_of(rows: Sequence[Row]) -> list[str]:
    """What the row about all questions comes to, in sentences."""
    every = next((row for row in rows if row[CATEGORY] == "all"), None)
    if every is None:
        return []
    unscored = every["rows"] - every["scored"]
    said = [f"Of {unscored:,} rows nothing can be said: they have no reference, or no tests."] if unscored else []
    if every["p_value"] is None:
        return said
    better = "The other model" if (every["difference"] or 0) > 0 else "The first model"
    odds = f"McNemar's exact test: p = {_probability(every['p_value'])}"
    verdict = f"{better} is better" if every["p_value"] < 0.05 else "Which of the two is better cannot be told from these questions"
    return [
        *said,
        f"{verdict} ({odds}, on {every['compared']:,} questions, {every['only_first'] + every['only_other']:,} of which only one has right).",
    ]


def intervals_svg(rows: Sequence[Row]) -> str:
    """For each category the share of right answers as a bar, its interval as a line over it; of a second model another bar below."""
    parts = []
    for place, row in enumerate(row for row in rows if row["accuracy"] is not None):
        top = place * _ROW
        parts.append(f'<text x="{_LEFT - 10}" y="{top + 20}" text-anchor="end">{escape(str(row[CATEGORY])[:28])}</text>')
        parts.append(_bar(row, ("accuracy", "accuracy_low", "accuracy_high"), top + 4, "#4f43dd"))
        if row["other_accuracy"] is not None:
            parts.append(_bar(row, ("other_accuracy", "other_accuracy_low", "other_accuracy_high"), top + 17, "#d98a1f"))
    height = max(_ROW * sum(row["accuracy"] is not None for row in rows), 1)
    size = f'width="760" height="{height}" viewBox="0 0 760 {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="#333">{"".join(parts)}</svg>'


def _bar(row: Row, names: tuple[str, str, str], y: int, colour: str) -> str:
    mean, low, high = (_LEFT + _WIDE * row[name] for name in names)
    return (
        f'<rect x="{_LEFT}" y="{y}" width="{mean - _LEFT:.1f}" height="11" fill="{colour}" fill-opacity="0.75"/>'
        f'<path d="M{low:.1f} {y + 5.5}H{high:.1f}M{low:.1f} {y + 2}V{y + 9}M{high:.1f} {y + 2}V{y + 9}" stroke="#222" fill="none"/>'
        f'<text x="{max(mean, high) + 8:.1f}" y="{y + 10}">{row[names[0]]:.1%}</text>'
    )


def _compares(rows: Sequence[Row]) -> bool:
    return any(row["compared"] for row in rows)


def _measure(rows: Sequence[Row]) -> str:
    return "right" if any(row["accuracy"] is not None for row in rows) else "mean score"


def _first(row: Row) -> str:
    if row["accuracy"] is not None:
        return _told(row, "accuracy", "accuracy_low", "accuracy_high")
    if row["mean_score"] is None:
        return "–"
    mean, low, high = (f"{value:.3f}" if abs(value) < 1e9 else f"{value:.3g}" for value in map(row.__getitem__, _MEAN))
    return f"{mean} ({low} to {high})"


def _told(row: Row, mean: str, low: str, high: str, sign: str = "") -> str:
    if row[mean] is None:
        return "–"
    return f"{row[mean]:{sign}.1%} ({row[low]:{sign}.1%} to {row[high]:{sign}.1%})"


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _probability(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
