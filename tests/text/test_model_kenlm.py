"""KenLM's perplexity, on a model small enough to compute by hand."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from operators.tables.errors import StageFailed
from operators.tables.storage import MemoryStorage
from operators.text.scores.kenlm_perplexity import KenLMPerplexityEvaluator

pytest.importorskip("kenlm", reason="kenlm is not installed: pip install kenlm")

ARPA = """\\data\\
ngram 1=5
ngram 2=1

\\1-grams:
-1.0\t<unk>
0\t<s>\t-0.5
-1.0\t</s>
-0.5\tcat\t0
-0.7\tdog\t0

\\2-grams:
-0.1\t<s> cat

\\end\\
"""


def perplexities(file: Path, *texts: str | None) -> list[float | None]:
    kept = MemoryStorage()
    KenLMPerplexityEvaluator(file=str(file)).run(MemoryStorage(pa.table({"text": pa.array(texts, pa.string())})), into=kept)
    return [row["kenlm_perplexity"] for row in kept.read().to_pylist()]


def test_perplexity_is_ten_to_the_mean_over_words_and_line_ends(tmp_path: Path) -> None:
    (tmp_path / "tiny.arpa").write_text(ARPA)
    found = perplexities(tmp_path / "tiny.arpa", "cat", "dog", "cat\n\ndog", "", None)
    cat, dog = 0.1 + 1.0, 0.5 + 0.7 + 1.0
    assert found[:3] == pytest.approx([10 ** (cat / 2), 10 ** (dog / 2), 10 ** ((cat + dog) / 4)], rel=1e-4)
    assert found[3:] == [None, None]


def test_a_missing_model_file_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match=r'there is no file ".*none.bin"'):
        perplexities(tmp_path / "none.bin", "cat")
