"""fastText classifiers by file: which labels one has, and how probable each is for a text."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from operators.bases.models.inference import LOADED_AT_ONCE
from operators.bases.models.weights import find_fasttext
from operators.tables.errors import StageFailed

PREFIX: Final = "__label__"
_MAGIC, _NEWEST = 793712314, 12
_BEGINNING: Final = struct.Struct("<ii12id3iqq")
"""Magic number, version, twelve settings, a threshold; then of the dictionary: entries, words, labels, tokens, entries that were pruned."""
_LABEL = 1


def read_labels(file: Path) -> tuple[str, ...]:
    """The labels of a classifier, without "__label__", most frequent first; read without its weights.

    Of a file that is cut, fastText itself reads the dictionary for ever, and weights as whatever is in memory: what this does not raise for is whole.

    Raises:
        ValueError: it is no fastText file, or a cut one, or word vectors without labels.
        OSError: it cannot be read.
    """
    if file.stat().st_size < _BEGINNING.size:
        raise ValueError("it is no fastText file")
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        magic, version, *_, entries, _, labels, _, pruned = _BEGINNING.unpack_from(content)
        if magic != _MAGIC or version > _NEWEST:
            raise ValueError("it is no fastText file")
        found, at = [], _BEGINNING.size
        for _ in range(entries):
            end = content.find(b"\0", at)
            if end < 0 or end + 10 > len(content):
                raise ValueError("it is cut: its dictionary does not end")
            if content[end + 9] == _LABEL:
                found.append(content[at:end].decode(errors="replace").removeprefix(PREFIX))
            at = end + 10
        if _end_of_weights(content, at + 8 * max(pruned, 0)) > len(content):
            raise ValueError("it is cut: its weights do not end")
    if not found or len(found) != labels:
        raise ValueError("it has no labels: word vectors, not a classifier")
    return tuple(found)


def _end_of_weights(content: mmap.mmap, at: int) -> int:
    """Where two matrices end that begin at `at`: that of the words, and that of the labels."""
    try:
        compressed = content[at] == 1
        at = _end_of_compressed(content, at + 1) if compressed else _end_of_matrix(content, at + 1)
        output_is_too = content[at] == 1
        return _end_of_compressed(content, at + 1) if compressed and output_is_too else _end_of_matrix(content, at + 1)
    except (IndexError, struct.error) as error:
        raise ValueError("it is cut: its weights do not end") from error


def _end_of_matrix(content: mmap.mmap, at: int) -> int:
    rows, columns = struct.unpack_from("<qq", content, at)
    return int(at + 16 + 4 * rows * columns)


def _end_of_compressed(content: mmap.mmap, at: int) -> int:
    """A matrix by product quantisation: its size, codes and centroids, and those of the norms of its rows where it has them."""
    with_norms, rows, _, codes = struct.unpack_from("<?qqi", content, at)
    at = _end_of_centroids(content, at + 21 + codes)
    return _end_of_centroids(content, at + rows) if with_norms else at


def _end_of_centroids(content: mmap.mmap, at: int) -> int:
    (dimensions,) = struct.unpack_from("<i", content, at)
    return int(at + 16 + 4 * 256 * dimensions)


class FastTextClassifier:
    """A loaded classifier."""

    def __init__(self, file: Path, wanted_by: str) -> None:
        import fasttext

        try:
            self.labels = read_labels(file)
            self._model: Any = fasttext.load_model(str(file))
        except (OSError, ValueError) as error:
            raise StageFailed(f"{wanted_by}: the classifier {file} cannot be read: {error}") from error

    def probabilities(self, text: str) -> Mapping[str, float]:
        """Label -> its probability, most probable first. Nothing for a text without any word. A text is read as one line."""
        line = " ".join(text.split())
        if not line:
            return {}
        labels, shares = self._model.predict(line, -1, 0.0)
        return {label.removeprefix(PREFIX): float(share) for label, share in zip(labels, shares, strict=True)}


@lru_cache(maxsize=LOADED_AT_ONCE)
def load_fasttext(weights: str, wanted_by: str) -> FastTextClassifier:
    """From a file, a folder with one, or the hub."""
    return FastTextClassifier(find_fasttext(weights, wanted_by), wanted_by)
