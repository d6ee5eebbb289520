"""spaCy pipelines, loaded once a process, and the names that they find."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from operators.tables.errors import StageFailed

MOST_CHARACTERS = 100_000
"""A parser or NER model needs about 1 GB of memory for so many (spaCy's own figure, E088), and refuses 1,000,000."""
BATCH_DOCUMENTS = 64


class Entity(NamedTuple):
    """`text[start:end]` is named `label`."""

    start: int
    end: int
    label: str


@cache
def load_pipeline(model: str) -> Any:
    """The pipeline of this name or folder.

    Raises:
        StageFailed: it is not installed; the message says how to get it.
    """
    try:
        return importlib.import_module("spacy").load(model)
    except OSError as error:
        raise StageFailed(
            f'the spaCy pipeline "{model}" is not installed: run `python -m spacy download {model}`, or give the folder of one as model='
        ) from error


def find_entities(model: str, texts: Sequence[str]) -> list[list[Entity]]:
    """Of each text, in the order of their places; the documents go through the pipeline in one stream."""
    found: list[list[Entity]] = [[] for _ in texts]
    for document, (row, at) in load_pipeline(model).pipe(pieces_of(texts), as_tuples=True, batch_size=BATCH_DOCUMENTS):
        found[row] += [Entity(at + entity.start_char, at + entity.end_char, entity.label_) for entity in document.ents]
    return found


def pieces_of(texts: Sequence[str], most: int = MOST_CHARACTERS) -> Iterator[tuple[str, tuple[int, int]]]:
    """(piece, (which text, where it begins)): texts in pieces that a pipeline can read, cut after a line, or a space, of their last half."""
    for row, text in enumerate(texts):
        at = 0
        while len(text) - at > most:
            half = at + most // 2
            cut = text.rfind("\n", half, at + most) + 1 or text.rfind(" ", half, at + most) + 1 or at + most
            yield text[at:cut], (row, at)
            at = cut
        yield text[at:], (row, at)
