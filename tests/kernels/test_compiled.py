"""Compiled code is kept on disk, is found by the next process, and never outlives its source."""

from __future__ import annotations

import subprocess
import sys

from operators.kernels import warm_up


def test_importing_the_kernels_imports_neither_numba_nor_pandas() -> None:
    code = "import sys, operators.kernels; print(sorted({'numba', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_second_process_compiles_nothing() -> None:
    warm_up()
    code = (
        "import operators.kernels; operators.kernels.warm_up()\n"
        "from operators.kernels.compiled import words, lines, characters, repetition, phrases, minhash\n"
        "kernels = [words.count_words, words.count_members, words.fold_words, lines.count_lines, characters.count_characters,\n"
        "           repetition.measure_repetition, phrases.count_phrases, phrases.count_entities, minhash.sign, minhash.distinct_shingles]\n"
        "print(sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels), min(sum(kernel.stats.cache_hits.values()) for kernel in kernels))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["0", "1"]


def test_the_stamp_of_the_cache_covers_every_source_file_of_the_kernels() -> None:
    from operators.kernels.compiled.compiler import _sources
    from operators.kernels.compiled.words import count_words

    assert count_words._cache._cache_file._source_stamp == _sources()  # type: ignore[attr-defined]
