"""The corpus and the questions of `retrieval.py`: passages of Wikipedia, padded with what installed packages say of themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from operators.bases.pieces import grouped, sentences, windows, words
from resources.sources.installed_documentation import InstalledDocumentation

_WORDS = 70
_DOCSTRING = re.compile(r'"""(.{200,8000}?)"""', re.DOTALL)


class Question(NamedTuple):
    """`passage`: the place in the corpus of the passage that it was written for."""

    text: str
    passage: int


class Corpus(NamedTuple):
    """The first `real` passages are those of the shared data, the others padding."""

    passages: list[str]
    real: int
    questions: list[Question]


def corpus_of(data: Path, size: int) -> Corpus:
    """Questions of XQuAD about its paragraphs, among passages of 2WikiMultihopQA and HotpotQA and, up to `size`, chunks of documentation."""
    places: dict[str, int] = {}
    questions = []
    for row in _rows(data / "rag/xquad_en_open.jsonl"):
        questions.append(Question(row["question"], places.setdefault(row["context"], len(places))))
    for row in _rows(data / "rag/2wiki_passages_open.jsonl"):
        places.setdefault(row["text"], len(places))
    for row in _rows(data / "rag/multihop_paragraphs_cot.jsonl"):
        for paragraph in row["paragraphs"]:
            places.setdefault(paragraph["text"], len(places))
    real = len(places)
    for chunk in _padding():
        if len(places) >= size:
            break
        places.setdefault(chunk, len(places))
    return Corpus(list(places)[:size], min(real, size), questions)


def _rows(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _padding() -> Iterator[str]:
    for batch in InstalledDocumentation().batches(["text"]):
        for text in batch.column("text").to_pylist():
            yield from _chunks(text)
    folder = Path(json.__file__).parent.parent
    for root in (folder, Path(re.__file__).parent.parent / "site-packages"):
        for path in sorted(root.rglob("*.py")):
            for found in _DOCSTRING.finditer(path.read_text("utf-8", "replace")):
                yield from _chunks(found[1])


def _chunks(text: str) -> Iterator[str]:
    for span in windows(grouped(sentences(text), words(text), _WORDS), _WORDS, 0):
        if span.units >= _WORDS // 4:
            yield text[span.start : span.end]
