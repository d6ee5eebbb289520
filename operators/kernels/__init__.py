"""Compiled loops over Arrow text: statistics, plain spaces, MinHash signatures. numba is imported, and code compiled or read from disk, when used."""

from __future__ import annotations

from operators.kernels.arrow_text import TextSpans
from operators.kernels.bytecode import keep_bytecode
from operators.kernels.c4_lines import keep_c4_lines
from operators.kernels.fasttext import FastText
from operators.kernels.fasttext_file import END_OF_LINE, FastTextFile, tree_of
from operators.kernels.hashes import hash_texts
from operators.kernels.index import SeenHashes
from operators.kernels.minhash import MinHash, connected_components
from operators.kernels.prose import Pieces, Prose
from operators.kernels.prose_bytes import CHARACTERS
from operators.kernels.simhash import near_groups, simhash
from operators.kernels.spaces import normalize_spaces
from operators.kernels.text_statistics import TextStatistics
from operators.kernels.words import Words

__all__ = ["MinHash", "TextStatistics", "warm_up"]


def warm_up() -> None:
    """Compile every kernel, or read it from disk if that was done before, so that no run has to wait for it. Called by the set-up.

    The bytecode of numba, and of all else that is imported by then, is written too.
    """
    import numpy as np
    import pyarrow as pa

    texts = pa.array(["A text to compile for: one two. &amp;", None])
    statistics = TextStatistics.of(texts)
    groups = "characters words lines repetition entities c4 addresses hashtags formulas encoded markup"
    for group in groups.split():
        statistics.counts(group)
    statistics.word_entropy  # noqa: B018 computed when read
    statistics.comment_characters(np.zeros(2, np.int64))
    statistics.phrases(["lorem ipsum"], first_lines=5)
    keep_c4_lines(texts)
    normalize_spaces(texts)
    Words.of(TextSpans.of(texts))
    hash_texts(texts)
    statistics.phrases(["lorem ipsum"])
    statistics.members(["not"])
    MinHash().sign(texts)
    MinHash().shingles(texts)
    connected_components(1, np.zeros(0, np.int64), np.zeros(0, np.int64))
    near_groups(simhash(texts, "word", 4)[0], 3)
    seen = SeenHashes()
    seen.match(pa.array([" ".join(map(str, range(3000)))]), MinHash(), 0, least=1, add=True)  # so many that it has to grow
    seen.without_repeated_lines(texts, 0, 1)
    seen.without_repeated_passages(texts, 0, 2)
    prose = Prose.of(TextSpans.of(texts))
    pieces = Pieces.of(prose.lines, prose.counts[:, CHARACTERS].copy(), size=300, longest=450, most=10)
    one, vectors = np.zeros(1, np.int32), np.zeros((2, 1), np.float32)
    smallest = FastTextFile((END_OF_LINE,), ("a", "b"), vectors, one, one, vectors, tree_of([1, 1]), shortest=1, longest=1, buckets=1)
    FastText(smallest).predict(pieces.spans, most=1, least=0.5)
    keep_bytecode()
