"""Reads a supervised model of fastText: what `fasttext quantize` writes (.ftz), where its loss is the hierarchical softmax.

The file's parts, in order: a magic number and a version; the arguments of the training; the dictionary of words and labels, and which of the hashed
subwords were kept; the matrix of input vectors; the matrix of output vectors. All numbers are little-endian. Written after fastText 0.9.2 (MIT).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

Vectors = np.ndarray[Any, np.dtype[np.float32]]
Integers = np.ndarray[Any, np.dtype[np.int32]]

LABEL: Final = "__label__"
"""What the name of a label begins with. A word of a text that begins so is no word."""
END_OF_LINE: Final = b"</s>"
"""The word that stands for the end of a line."""

_MAGIC, _VERSION = 793712314, 12
_HIERARCHICAL_SOFTMAX, _SUPERVISED = 1, 3
_CENTROIDS: Final = 256
_UNMERGED: Final = 10**15


class FastTextFile(NamedTuple):
    """A model as the file has it, its vectors as plain numbers.

    `vectors`: those of the words, then those of the subwords. `subwords`: the hashes of the subwords that have a vector, in rising order, and
    `subword_rows`: the rows of these. `outputs`: a vector for each inner node of the tree. `tree`: the two children of each node; the labels are
    its first nodes and have none, -1; the root is the last. `shortest`, `longest`: of subwords, in characters. `buckets`: hashes are below it.
    """

    words: tuple[bytes, ...]
    labels: tuple[str, ...]
    vectors: Vectors
    subwords: Integers
    subword_rows: Integers
    outputs: Vectors
    tree: Integers
    shortest: int
    longest: int
    buckets: int


def read_fasttext(path: Path) -> FastTextFile:
    """Raises ValueError for a file that is none, is cut short, or holds a model of another kind; it says which."""
    file = _Cursor(path)
    magic, version = file.take("ii")
    if (magic, version) != (_MAGIC, _VERSION):
        raise file.error(f"it is no model of fastText, version {_VERSION}")
    dim, _, _, _, _, word_ngrams, loss, kind, buckets, shortest, longest, _, _ = file.take("12id")
    if (kind, loss, word_ngrams) != (_SUPERVISED, _HIERARCHICAL_SOFTMAX, 1):
        raise file.error("only supervised models with hierarchical softmax (-loss hs) and single words (-wordNgrams 1) are read")
    if not (0 < dim <= 1000 and 0 < shortest <= longest and buckets > 0):
        raise file.error(f"its arguments make no sense: dim {dim}, minn {shortest}, maxn {longest}, bucket {buckets}")
    entries, word_count, label_count, _, kept = file.take("iiiqq")
    words = [file.entry() for _ in range(word_count)]
    labels = [file.entry() for _ in range(label_count)]
    if entries != word_count + label_count or label_count < 2 or not all(name.startswith(LABEL.encode()) for name, _ in labels):
        raise file.error(f'its words are not followed by two or more labels that begin with "{LABEL}"')
    pairs = file.array("<i4", 2 * max(kept, 0)).reshape(-1, 2)
    vectors, outputs = file.matrix(dim), file.matrix(dim)
    if len(vectors) < word_count + (buckets if kept < 0 else 0) or len(outputs) < label_count:
        raise file.error("its matrices are smaller than its dictionary")
    if kept < 0:  # all of them
        pairs = np.arange(buckets, dtype=np.int32).repeat(2).reshape(-1, 2)
    hashes, places = pairs[np.argsort(pairs[:, 0], kind="stable")].T
    rows = word_count + places
    inside = not len(rows) or (min(hashes[0], places.min()) >= 0 and hashes[-1] < buckets and rows.max() < len(vectors))
    if not inside or (np.diff(hashes) == 0).any():
        raise file.error("its subwords and its vectors do not belong together")
    return FastTextFile(
        tuple(name for name, _ in words),
        tuple(name.decode("utf-8", "replace").removeprefix(LABEL) for name, _ in labels),
        vectors,
        hashes.copy(),
        rows,
        outputs,
        tree_of([count for _, count in labels]),
        shortest,
        longest,
        buckets,
    )


def tree_of(counts: list[int]) -> Integers:
    """The Huffman tree of the labels, which stand in falling order of their counts. Of equal counts inner nodes are merged first, as in fastText."""
    labels = len(counts)
    counts = [*counts, *[_UNMERGED] * (labels - 1)]
    children = np.full((len(counts), 2), -1, np.int32)
    leaf, node = labels - 1, labels
    for parent in range(labels, len(counts)):
        for side in (0, 1):
            if leaf >= 0 and counts[leaf] < counts[node]:
                children[parent, side], leaf = leaf, leaf - 1
            else:
                children[parent, side], node = node, node + 1
        counts[parent] = counts[children[parent, 0]] + counts[children[parent, 1]]
    return children


class _Cursor:
    """Where we are in a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._data, self._at = path, path.read_bytes(), 0

    def error(self, what: str) -> ValueError:
        return ValueError(f"{self._path} cannot be read as a language model of fastText: {what}. Install the package that brings it again.")

    def take(self, form: str) -> tuple[Any, ...]:
        """Some numbers, as `struct` writes them."""
        return struct.unpack("<" + form, self._bytes(struct.calcsize("<" + form)))

    def array(self, kind: str, count: int) -> np.ndarray[Any, Any]:
        return np.frombuffer(self._bytes(np.dtype(kind).itemsize * count), kind)

    def entry(self) -> tuple[bytes, int]:
        """A word or label, and how often it was met."""
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise self.error("it is cut short")
        name = self._bytes(end - self._at)
        _, count, _ = self.take("bqb")
        return name, count

    def matrix(self, dim: int) -> Vectors:
        """Plain, or quantised: a byte for each two or so numbers of a row says which of 256 centroids they are (product quantisation), and one for
        the length of the row, where the rows were made equally long before."""
        (quantised,) = self.take("?")
        if not quantised:
            rows, columns = self._shape(dim)
            return self.array("<f4", rows * columns).reshape(rows, columns)
        (normed,) = self.take("?")
        rows, columns = self._shape(dim)
        codes = self.array("u1", *self.take("i"))
        vectors = self._decode(codes, rows, columns)
        if normed:
            vectors = vectors * self._decode(self.array("u1", rows), rows, 1)
        return vectors

    def _decode(self, codes: np.ndarray[Any, Any], rows: int, columns: int) -> Vectors:
        dim, parts, width, _ = self.take("4i")
        centroids = self.array("<f4", _CENTROIDS * columns)
        if dim != columns or width < 1 or parts != -(-columns // width) or len(codes) != rows * parts:
            raise self.error("its quantiser does not fit its matrix")
        codes = codes.reshape(rows, parts)
        pieces = [centroids[_CENTROIDS * first : _CENTROIDS * (first + width)] for first in range(0, columns, width)]
        return np.hstack([piece.reshape(_CENTROIDS, -1)[codes[:, part]] for part, piece in enumerate(pieces)])

    def _shape(self, dim: int) -> tuple[int, int]:
        rows, columns = self.take("qq")
        if rows < 1 or columns != dim:
            raise self.error(f"a matrix has {rows} rows of {columns} numbers where dim is {dim}")
        return rows, columns

    def _bytes(self, count: int) -> bytes:
        if not 0 <= count <= len(self._data) - self._at:
            raise self.error("it is cut short")
        self._at += count
        return self._data[self._at - count : self._at]
