"""Compiled loops over Arrow text: statistics and MinHash signatures. numba is imported, and code compiled or read from disk, at the first call."""

from __future__ import annotations

from operators.kernels.minhash import MinHash, connected_components
from operators.kernels.text_statistics import TextStatistics

__all__ = ["MinHash", "TextStatistics", "warm_up"]


def warm_up() -> None:
    """Compile every kernel, or read it from disk if that was done before, so that no run has to wait for it. Called by the set-up."""
    import numpy as np
    import pyarrow as pa

    texts = pa.array(["A text to compile for: one two. &amp;", None])
    statistics = TextStatistics.of(texts)
    for group in ("characters", "words", "lines", "repetition", "entities"):
        statistics.counts(group)
    statistics.phrases(["lorem ipsum"])
    statistics.members(["not"])
    MinHash().sign(texts)
    MinHash().shingles(texts)
    connected_components(1, np.zeros(0, np.int64), np.zeros(0, np.int64))
