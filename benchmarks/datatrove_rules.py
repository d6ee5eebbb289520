"""Run by `text_rules.py` with the Python of an environment that has datatrove: decisions and CPU seconds of its filters, as JSON.

Usage: PYTHON datatrove_rules.py TEXTS.json words|spacy LIMIT
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.utils import word_tokenizers


class WhiteSpace:
    """The same word splitter as ours has, for texts in scripts with spaces."""

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()


texts = json.loads(Path(sys.argv[1]).read_text("utf-8"))[: int(sys.argv[3])]
if sys.argv[2] == "words":
    word_tokenizers.load_word_tokenizer = lambda *_: WhiteSpace()
filters = {"GopherQuality": GopherQualityFilter(), "GopherRepetition": GopherRepetitionFilter(), "FineWebQuality": FineWebQualityFilter()}
result = {}
for name, rule in filters.items():
    rule.filter(Document(text="Loads the tokenizer. " * 30, id="warm"))
    started = time.process_time()
    decisions = []
    for number, text in enumerate(texts):
        try:
            decision = rule.filter(Document(text=text, id=str(number)))
        except ZeroDivisionError:
            decision = (False, "crashed")
        decisions.append([decision is True, "" if decision is True else decision[1]])
    result[name] = {"cpu_seconds": time.process_time() - started, "decisions": decisions}
json.dump(result, sys.stdout)
