"""Values of rows as Markdown, in which nothing is markup."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

CHARACTERS = 160
LONGEST_WORD = 50
"""A longer one, mostly an address, would make the table wider than the page."""

_MARKUP = re.compile(r"[`*\[\]~|<]|\\(?=[!-/:-@\[-`{-~])|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
"""What would be read as markup inside a line: an underscore within a word, say, is none, and stays as it is, also for who reads the source."""


def cell(value: Any, characters: int = CHARACTERS) -> str:
    """A value as text of a Markdown table: short, in one line, and nothing in it is markup, or an image that a browser would fetch."""
    text = "" if value is None else str(_said(value))
    words = (word if len(word) <= LONGEST_WORD else word[:LONGEST_WORD] + "…" for word in text[:characters].split())
    shortened = " ".join(words) + ("…" if len(text) > characters else "")
    return plain(shortened) or " "


def _said(value: Any) -> Any:
    """Bytes are not spelled out, which may be megabytes: their number is said."""
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if isinstance(value, list) and any(isinstance(one, bytes) for one in value):
        return ", ".join(map(str, map(_said, value)))
    return value


def plain(text: str) -> str:
    """All of a line of text, as it is."""
    return _MARKUP.sub(lambda found: "\\" + found.group(), text)


def code(text: str) -> str:
    """A piece of our own code or command in a line, as code."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def block(text: str, language: str = "") -> str:
    """A block of code that is longer than any fence in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> str:
    """`rows` are Markdown already."""
    rule = ["--:" if name in right else "---" for name in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [list(columns), rule, *map(list, rows)])


def counts_table(title: str, counts: Mapping[str, int]) -> str:
    """The thirty largest, each with its number."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return table([title, "rows"], [[cell(name), f"{count:,}"] for name, count in ordered[:30]], right=["rows"])
