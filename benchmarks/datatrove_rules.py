"""Run by `text_rules.py` with the Python of an environment that has datatrove: decisions and CPU seconds of its filters, as JSON.

Usage: PYTHON datatrove_rules.py INPUT.json words|mended|spacy

INPUT.json: {"texts": [...], "sentences": {line: how many sentences}}. "words" and "mended" split words and sentences as ours does; "mended" also
repairs what the difference is put down to: see `mend`.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.filters import gopher_repetition_filter as repetition
from datatrove.utils import word_tokenizers


class OurWords:
    """The words and sentences that ours has, for texts in scripts with spaces."""

    def __init__(self, sentences: dict[str, int]) -> None:
        self.sentences = sentences

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))] * self.sentences[text]


TRAILING = re.compile(r"[ \t\r]+$", re.MULTILINE)


class Folded(frozenset):  # type: ignore[type-arg]
    """Stop words that are also met with a capital, or with punctuation around them."""

    def intersection(self, words: set[str]) -> frozenset[str]:  # type: ignore[override]
        return super().intersection({re.sub(r"^[\W_]+|[\W_]+$", "", word).lower() for word in words})


def mend() -> None:
    """An n-gram that occurs once is not repeated; stop words are met in any form."""

    def find_top_duplicate(grams: list[str]) -> int:
        gram, count = Counter(grams).most_common(1)[0]
        return len(gram) * count if count > 1 else 0

    repetition.find_top_duplicate = find_top_duplicate
    filters["GopherQuality"].stop_words = Folded(filters["GopherQuality"].stop_words)


given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
if sys.argv[2] != "spacy":
    word_tokenizers.load_word_tokenizer = lambda *_: OurWords(given["sentences"])
filters = {
    "GopherQuality": GopherQualityFilter(),
    "GopherRepetition": GopherRepetitionFilter(),
    "C4Quality": C4QualityFilter(),
    "FineWebQuality": FineWebQualityFilter(),
}
if sys.argv[2] == "mended":
    mend()
warm = "It loads the tokenizer."
given["sentences"][warm] = 1
for rule in filters.values():
    rule.filter(Document(text=warm, id="warm"))
decisions: dict[str, list[tuple[bool, str]]] = {name: [] for name in filters}
started = time.process_time()
for number, text in enumerate(given["texts"]):  # document by document, as a pipeline does: datatrove splits a text into words once for all filters
    for name, rule in filters.items():
        try:
            tidy = sys.argv[2] == "mended" and name in ("GopherRepetition", "FineWebQuality")  # spaces at the ends of lines say nothing
            decision = rule.filter(Document(text=TRAILING.sub("", text) if tidy else text, id=str(number)))
        except (ZeroDivisionError, IndexError):
            decision = (False, "crashed")
        decisions[name].append((True, "") if decision is True else (False, decision[1]))
json.dump({"cpu_seconds": time.process_time() - started, "decisions": decisions}, sys.stdout)
