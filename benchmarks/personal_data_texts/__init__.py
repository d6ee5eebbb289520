"""Texts with personal data and secrets, marked, and texts that only look so. Written for this benchmark; every number was drawn by chance.

`<<kind:value>>` marks a piece. `~an36~` stands for 36 letters and digits drawn by chance (`hex`, `up`, `num`, `b64`, `url` likewise), so that
the file holds no keys. `FIRST` was there while the rules were written; `SECOND` was written afterwards and scored once before anything was mended,
and so was `THIRD`, after the rules had met more texts.
"""

from __future__ import annotations

import random
import re
import string
from typing import Final, NamedTuple

from benchmarks.personal_data_texts import first, second, third

_ALPHABETS: Final = {
    "an": string.ascii_letters + string.digits,
    "hex": "0123456789abcdef",
    "up": string.ascii_uppercase + "234567",
    "num": string.digits,
    "b64": string.ascii_letters + string.digits + "+/",
    "url": string.ascii_letters + string.digits + "-_",
}
_DRAWN: Final = re.compile(r"~(an|hex|up|num|b64|url)(\d+)~")
_MARK: Final = re.compile(r"<<(\w+):(.*?)>>", re.DOTALL)


class Marked(NamedTuple):
    """A text and the (start, end, kind) of each piece in it."""

    text: str
    pieces: tuple[tuple[int, int, str], ...]


def read_marked(lines: tuple[str, ...]) -> list[Marked]:
    return [_marked(line) for line in lines]


def _marked(line: str) -> Marked:
    drawn = random.Random(line)
    line = _DRAWN.sub(lambda match: "".join(drawn.choice(_ALPHABETS[match[1]]) for _ in range(int(match[2]))), line)
    text, pieces, at = "", [], 0
    for match in _MARK.finditer(line):
        text += line[at : match.start()]
        pieces.append((len(text), len(text) + len(match[2]), match[1]))
        text += match[2]
        at = match.end()
    return Marked(text + line[at:], tuple(pieces))


FIRST: Final = read_marked((*first.WITH, *first.WITHOUT))
SECOND: Final = read_marked((*second.WITH, *second.WITHOUT))
THIRD: Final = read_marked((*third.WITH, *third.WITHOUT))
