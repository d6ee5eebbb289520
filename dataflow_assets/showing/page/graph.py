"""The stages of a pipeline as a picture: those that do not wait for each other stand in one column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDE, TALL, GAP, ROW = 150, 44, 40, 62
COLOURS = {"source": "#e6e6e6", "filter": "#fde8e8", "refine": "#e8f4fd", "evaluate": "#ece9fb", "generate": "#e6f6ea"}


def graph_svg(inputs: Mapping[str, Sequence[str]], kinds: Mapping[str, str], rows: Mapping[str, int]) -> str:
    """`inputs` are stage -> the stages that it reads, each after those."""
    depth: dict[str, int] = {}
    lane: dict[str, int] = {}
    for name, parents in inputs.items():
        known = [parent for parent in parents if parent in depth]
        depth[name] = max((depth[parent] + 1 for parent in known), default=0)
        taken = {lane[other] for other in lane if depth[other] == depth[name]}
        wanted = min((lane[parent] for parent in known), default=0)
        lane[name] = next(place for place in (wanted, *range(len(inputs) + 1)) if place not in taken)
    width = (max(depth.values(), default=0) + 1) * (WIDE + GAP)
    height = (max(lane.values(), default=0) + 1) * ROW + 8
    parts = []
    for name, parents in inputs.items():
        x, y = depth[name] * (WIDE + GAP), lane[name] * ROW + 4
        for parent in parents:
            if parent in depth:
                start, end = depth[parent] * (WIDE + GAP) + WIDE, lane[parent] * ROW + 4 + TALL // 2
                parts.append(
                    f'<path d="M{start} {end}C{start + GAP} {end} {x - GAP} {y + TALL // 2} {x} {y + TALL // 2}" fill="none" stroke="#999"/>'
                )
        colour = COLOURS.get(kinds.get(name, ""), "#f4f4f4")
        parts.append(f'<rect x="{x}" y="{y}" width="{WIDE}" height="{TALL}" rx="6" fill="{colour}" stroke="#bbb"/>')
        parts.append(f'<text x="{x + 8}" y="{y + 19}" font-weight="600">{escape(name)}</text>')
        parts.append(f'<text x="{x + 8}" y="{y + 35}" fill="#555">{rows.get(name, 0):,} rows</text>')
    size = f'viewBox="0 0 {width} {height}" style="width:100%;max-width:{width}px"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">{"".join(parts)}</svg>'


def funnel_svg(rows: Sequence[tuple[str, int]]) -> str:
    """A bar for each stage, as long as its table has rows."""
    most = max((count for _, count in rows), default=0) or 1
    parts = []
    for place, (name, count) in enumerate(rows):
        y = place * 24
        parts.append(f'<text x="150" y="{y + 16}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="160" y="{y + 3}" width="{max(round(440 * count / most), 1)}" height="18" fill="#4f43dd"/>')
        parts.append(f'<text x="{168 + round(440 * count / most)}" y="{y + 16}">{count:,}</text>')
    height = len(rows) * 24 + 4
    size = f'width="700" height="{height}" viewBox="0 0 700 {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="#333">{"".join(parts)}</svg>'
