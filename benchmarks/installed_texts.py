"""Real texts to measure with: what is installed here, cut into pages."""

from __future__ import annotations

import importlib.metadata
import sysconfig
from collections.abc import Iterator
from pathlib import Path

PAGE = 5000
"""Characters of the documents that long files are cut into, at the ends of lines."""


def real_texts() -> Iterator[str]:
    """Descriptions, documentation and source of the installed packages and the standard library, in the same order on every run."""
    for distribution in sorted(importlib.metadata.distributions(), key=lambda found: found.metadata["Name"] or ""):
        yield str(distribution.metadata.get_payload() or "")
    for root in (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib")):
        for path in sorted(Path(root).rglob("*")):
            if path.suffix in (".md", ".rst", ".txt", ".py") and path.is_file():
                yield path.read_text("utf-8", errors="replace")


def corpus(documents: int) -> list[str]:
    """So many different documents of 200 to 5,000 characters; an error says how many there are when they are too few."""
    found: dict[str, None] = {}
    for text in real_texts():
        for page in pages(text):
            found[page] = None
        if len(found) >= documents:
            return list(found)[:documents]
    raise SystemExit(f"only {len(found):,} different documents are installed here: ask for --documents {len(found)}")


def pages(text: str) -> Iterator[str]:
    page = ""
    for line in text.splitlines(keepends=True):
        if len(page) + len(line) > PAGE and len(page) >= 200:
            yield page
            page = ""
        page += line if len(line) <= PAGE else ""
    if len(page) >= 200:
        yield page
