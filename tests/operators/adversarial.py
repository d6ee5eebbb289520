"""Texts that make careless text code slow: each a short piece again and again, at any length."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

FAMILIES: Final[dict[str, str]] = {
    "one letter": "a",
    "spaces": " ",
    "line feeds": "\n",
    "carriage returns": "\r\n",
    "tabs and spaces": " \t",
    "words": "word ",
    "one long word each line": "a" * 200 + "\n",
    "addresses of mail": "f@g.hh\n",
    "at signs": "@",
    "letters and dots": "a.",
    "digits": "1",
    "digits and dashes": "12-",
    "digits and spaces": "4 ",
    "open comments": "<!--",
    "open tags": "<a ",
    "nested tags": "<div>",
    "closed tags": "</p>",
    "less-than signs": "<",
    "entities": "&amp;",
    "ampersands": "&",
    "brackets": "(",
    "square brackets": "[",
    "links": "[a](",
    "templates": "{{",
    "references": "<ref>",
    "quotation marks": '"',
    "apostrophes": "don't ",
    "dots": ".",
    "dots and spaces": ". ",
    "question marks": "?!",
    "commas": ",",
    "dashes": "-",
    "underscores": "_",
    "hash signs": "#",
    "stars": "*",
    "pipes": "|a",
    "backticks": "`",
    "backslashes": "\\",
    "web addresses": "http://a.b/",
    "starts of web addresses": "http",
    "www": "www.",
    "emoji": "👩‍👩‍👧‍👦",
    "combining marks": "e\u0301\u0302",
    "wrong encodings": "Ã©",
    "ideographs": "中",
    "ideographic sentences": "中文。",
    "thai": "ภาษา",
    "arabic": "نص ",
    "dates": "2023-01-15 ",
    "amounts": "$1,000.00 ",
    "keys": "-----BEGIN ",
    "capitals": "ABC ",
    "emoticons": ":-)",
    "repeated sentence": "It is so. ",
    "zero widths": "\u200b\u200d",
    "upper and lower": "aB",
}


def text(piece: str, characters: int) -> str:
    return (piece * (characters // len(piece) + 1))[:characters]


@contextmanager
def unburdened() -> Iterator[None]:
    """Without the collection of garbage, which goes through all that a process with thousands of tests holds: what an operator takes is measured."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
