"""Run by `text_rules.py` with the Python of an environment that has datatrove: decisions and CPU seconds of its filters, as JSON.

Usage: PYTHON datatrove_rules.py INPUT.json words|mended|spacy|alone

INPUT.json: {"texts": [...], "sentences": {line: how many sentences}}. "words" and "mended" split words and sentences as ours does; "mended" also does
away with what the differences are put down to: stop words are met with a capital or punctuation (`Folded`), what holds no letter or digit is a symbol
(`Symbols`), and neither spaces at the ends of lines nor the nothing after the last line break are lines (`TRAILING`). "spacy" is datatrove as it
comes, one text after the other through all filters, which split its words once; "alone" is the same with each filter run by itself.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter, gopher_quality_filter
from datatrove.utils import word_tokenizers


class OurWords:
    """The words and sentences that ours has, for texts in scripts with spaces."""

    def __init__(self, sentences: dict[str, int]) -> None:
        self.sentences = sentences

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))] * self.sentences[text]


TRAILING = {
    "GopherRepetition": re.compile(r"[ \t\r]+$|\n+\Z", re.MULTILINE),
    "FineWebQuality": re.compile(r"[ \t\r]+$", re.MULTILINE),
}


class Folded(frozenset):  # type: ignore[type-arg]
    """Stop words that are also met with a capital, or with punctuation around them."""

    def intersection(self, words: set[str]) -> frozenset[str]:  # type: ignore[override]
        return super().intersection({re.sub(r"^[\W_]+|[\W_]+$", "", word).lower() for word in words})


class Symbols:
    """All characters but letters and digits; datatrove lists some, without arrows and the like."""

    def __contains__(self, character: str) -> bool:
        return not character.isalnum()


given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
if sys.argv[2] in ("words", "mended"):
    word_tokenizers.load_word_tokenizer = lambda *_: OurWords(given["sentences"])
filters = {
    "GopherQuality": GopherQualityFilter(),
    "GopherRepetition": GopherRepetitionFilter(),
    "C4Quality": C4QualityFilter(),
    "FineWebQuality": FineWebQualityFilter(),
}
if sys.argv[2] == "mended":
    gopher_quality_filter.PUNCTUATION_SET = Symbols()
    filters["GopherQuality"].stop_words = Folded(filters["GopherQuality"].stop_words)
warm = "It loads the tokenizer."
given["sentences"][warm] = 1
for rule in filters.values():
    rule.filter(Document(text=warm, id="warm"))


def decide(name: str, number: int, text: str) -> None:
    if sys.argv[2] == "mended" and name in TRAILING:
        text = TRAILING[name].sub("", text)
    try:
        decision = filters[name].filter(Document(text=text, id=str(number)))
    except (ZeroDivisionError, IndexError):
        decision = (False, "crashed")
    decisions[name].append((True, "") if decision is True else (False, decision[1]))


decisions: dict[str, list[tuple[bool, str]]] = {name: [] for name in filters}
started = time.process_time()
if sys.argv[2] == "alone":
    for name in filters:
        for number, text in enumerate(given["texts"]):
            decide(name, number, text)
else:
    for number, text in enumerate(given["texts"]):
        for name in filters:
            decide(name, number, text)
json.dump({"cpu_seconds": time.process_time() - started, "decisions": decisions}, sys.stdout)
