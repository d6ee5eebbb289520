"""fastText's `predict`, for a model that is read from its file: as its package computes it, and ten times as fast on prose.

The sum of a word's vectors is computed once and kept: most words of a text were met before. Models are quantised in the file; their vectors are held
as plain numbers, and which subwords have one as a bit for each hash.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from operators.kernels.arrow_text import TextSpans
from operators.kernels.fasttext_file import END_OF_LINE, FastTextFile

KNOWN_WORDS: Final = 1 << 17
"""So many words are kept, in 10 MB; newer ones take the place of older ones."""


class Labels(NamedTuple):
    """The labels of lines, line after line, each line's likeliest first: `counts[i]` of them are those of line i. `numbers`: places in the model's
    `labels`. Probabilities may be a little above 1, by 0.00001 for each branch of the tree of labels."""

    numbers: np.ndarray[Any, np.dtype[np.int32]]
    probabilities: np.ndarray[Any, np.dtype[np.float32]]
    counts: np.ndarray[Any, np.dtype[np.int32]]


class Model(NamedTuple):
    """What the kernel reads. `present`: a bit for each hash of a subword, set where it has a vector; `before`: how many are set before each 64 of
    them; vectors of subwords follow those of words in the order of their hashes. `settings`: the shortest and longest subword, the number of hashes,
    the number of the word that ends a line (-1: there is none), and the number of words."""

    vectors: np.ndarray[Any, np.dtype[np.float32]]
    outputs: np.ndarray[Any, np.dtype[np.float32]]
    tree: np.ndarray[Any, np.dtype[np.int32]]
    word_keys: np.ndarray[Any, np.dtype[np.uint64]]
    word_rows: np.ndarray[Any, np.dtype[np.int32]]
    present: np.ndarray[Any, np.dtype[np.uint64]]
    before: np.ndarray[Any, np.dtype[np.int32]]
    settings: np.ndarray[Any, np.dtype[np.int64]]

    @classmethod
    def of(cls, file: FastTextFile) -> Model:
        from operators.kernels.compiled.fasttext import number_words

        words = spans_of(file.words)
        size = 1 << (2 * len(words)).bit_length()
        word_keys, word_rows = np.zeros(size, np.uint64), np.zeros(size, np.int32)
        number_words(words.data, words.starts, words.ends, word_keys, word_rows)
        blocks = file.buckets // 64 + 1
        present = np.zeros(blocks, np.uint64)
        np.bitwise_or.at(present, file.subwords >> 6, np.uint64(1) << (file.subwords & 63).astype(np.uint64))
        before = np.searchsorted(file.subwords, np.arange(blocks, dtype=np.int64) * 64).astype(np.int32)
        end_of_line = file.words.index(END_OF_LINE) if END_OF_LINE in file.words else -1
        settings = np.array([file.shortest, file.longest, file.buckets, end_of_line, len(words)], np.int64)
        vectors = np.vstack([file.vectors[: len(words)], file.vectors[file.subword_rows]])
        return cls(vectors, file.outputs.copy(), file.tree, word_keys, word_rows, present, before, settings)


class FastText:
    """A model in memory. Several threads may use it at once: each call takes a table of known words that no other uses, and brings it back."""

    def __init__(self, file: FastTextFile) -> None:
        self.labels = file.labels
        self._dim = file.vectors.shape[1]
        self._model = tuple(Model.of(file))
        self._free: list[tuple[Any, ...]] = []

    def predict(self, lines: TextSpans, most: int, least: float) -> Labels:
        """The labels of each line, at most `most` and none with a probability below `least`. What follows a line feed is not read."""
        from operators.kernels.compiled.fasttext import predict

        most = min(most, len(self.labels))
        numbers, probabilities = np.empty(most * len(lines), np.int32), np.empty(most * len(lines), np.float32)
        counts = np.empty(len(lines), np.int32)
        try:
            known = self._free.pop()
        except IndexError:
            known = _known_words(self._dim)
        total = predict(lines.data, lines.starts, lines.ends, self._model, known, most, np.float32(least), numbers, probabilities, counts)
        self._free.append(known)
        return Labels(numbers[:total], probabilities[:total], counts)


def _known_words(dim: int) -> tuple[Any, ...]:
    """The keys of no words yet, their sums and how many vectors these are of."""
    return np.zeros(KNOWN_WORDS, np.uint64), np.zeros((KNOWN_WORDS + 1, dim), np.float32), np.zeros(KNOWN_WORDS + 1, np.int32)


def spans_of(texts: tuple[bytes, ...] | list[bytes]) -> TextSpans:
    """Some bytes as the kernels read them."""
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends])[: len(texts)]
    return TextSpans(np.frombuffer(b"".join(texts) or b"\0", np.uint8), starts, ends, np.zeros(len(texts), np.bool_))
