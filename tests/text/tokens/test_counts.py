"""Tokens are counted as the models count them, from the files that these come with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from operators.core.sequential import Sequential
from operators.engine.report import Report
from operators.tables.errors import ColumnError, ParameterError, StageFailed
from operators.testing import check_operator
from operators.text.tokens.counts import ModelTokensEvaluator, ModelTokensFilter
from tests.text.tokens.tiny_tokenizers import bytes_into, words_into

tokenizers = pytest.importorskip("tokenizers", reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'")


def counts(place: Path, *texts: str | None) -> list[Any]:
    result = ModelTokensEvaluator(tokenizers={"model": str(place)}).run({"text": list(texts)}, progress=False)
    return list(result.table.column("tokens_model").to_pylist())


def test_each_text_is_counted_whole_without_the_tokens_at_its_ends(tmp_path: Path) -> None:
    file = words_into(tmp_path)
    assert counts(file, "the cat sat on the mat", "", None, "dog") == [6, 0, None, 1]
    assert counts(tmp_path, "the cat") == [2]


@pytest.mark.parametrize(("cut", "digits"), [("gpt-2", 4), ("smollm", 4), ("qwen2", 4), ("llama-bpe", 4)])
def test_the_tokenizer_of_a_gguf_file(cut: str, digits: int, tmp_path: Path) -> None:
    file = bytes_into(tmp_path / "model.gguf", cut)
    assert counts(file, "the", "then", "a the", "1234", "é", "the<|end|>the") == [1, 2, 3, digits, 2, 3]


def test_texts_are_cut_as_the_model_was_trained(tmp_path: Path) -> None:
    """What is merged never reaches over a cut: here "t h" of "th" after a digit, or after an apostrophe."""
    from operators.bases.models.tokenizer import find_tokenizer

    def cuts(cut: str, text: str) -> list[str]:
        tokenizer = find_tokenizer(str(bytes_into(tmp_path / f"{cut}.gguf", cut)), "a test")
        return [text[start:end] for _, (start, end) in tokenizer.pre_tokenizer.pre_tokenize_str(text)]

    assert cuts("gpt-2", "in 1234") == ["in", " 1234"]
    assert cuts("qwen2", "in 1234") == ["in", " ", "1", "2", "3", "4"]
    assert cuts("llama-bpe", "in 1234") == ["in", " ", "123", "4"]
    assert cuts("smollm", "in 1234")[-4:] == ["1", "2", "3", "4"]


def test_several_tokenizers_give_a_column_each_and_the_report_their_sums(tmp_path: Path) -> None:
    operator = ModelTokensEvaluator(tokenizers={"words": str(words_into(tmp_path)), "bytes": str(bytes_into(tmp_path / "model.gguf"))})
    result = operator.run({"text": ["the cat", "mat", None]}, progress=False)
    assert result.table.select(["tokens_words", "tokens_bytes"]).to_pylist() == [
        {"tokens_words": 2, "tokens_bytes": 5},
        {"tokens_words": 1, "tokens_bytes": 3},
        {"tokens_words": None, "tokens_bytes": None},
    ]
    assert result.totals == {"tokens_words": 3, "tokens_bytes": 8}
    assert "tokens_words = 3 in all" in repr(result)
    assert result.as_dict()["totals"] == {"tokens_words": 3, "tokens_bytes": 8}
    merged = Report.merged("ModelTokensEvaluator", [Report.counted("a", result.report.counts()), result.report])
    assert merged.totals == {"tokens_words": 6, "tokens_bytes": 16}
    assert Sequential(operator).run({"text": ["the cat"]}, progress=False).totals == {"tokens_words": 2, "tokens_bytes": 5}


def test_the_filter_keeps_what_fits(tmp_path: Path) -> None:
    result = ModelTokensFilter(tokenizer=str(words_into(tmp_path)), min=2, max=3).run(
        {"text": ["the", "the cat sat", "the cat sat on"]}, progress=False
    )
    assert result.table.column("text").to_pylist() == ["the cat sat"]
    assert result.rejected.column("rejected_reason").to_pylist() == [
        "ModelTokensFilter: tokens = 1, below min = 2",
        "ModelTokensFilter: tokens = 4, above max = 3",
    ]


def test_what_cannot_be_a_tokenizer_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=r'there is no folder "\./nowhere"'):
        ModelTokensFilter(tokenizer="./nowhere", max=1).run({"text": ["a"]}, progress=False)
    with pytest.raises(StageFailed, match=r"has no tokenizer\.json"):
        counts(tmp_path, "a")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(StageFailed, match="cannot be read"):
        counts(tmp_path, "a")
    with pytest.raises(StageFailed, match=r'in the way "unheard-of", which is not known: give the tokenizer\.json'):
        counts(bytes_into(tmp_path / "other.gguf", "unheard-of"), "a")
    with pytest.raises(StageFailed, match='of the kind "llama" cannot be built'):
        counts(bytes_into(tmp_path / "llama.gguf", model="llama"), "a")
    with pytest.raises(ParameterError, match="min=3 is above max=2"):
        ModelTokensFilter(tokenizer="a", min=3, max=2)
    with pytest.raises(ParameterError, match="is no name for a column"):
        ModelTokensEvaluator(tokenizers={"a b": "c"})


def test_promises(tmp_path: Path) -> None:
    file = str(bytes_into(tmp_path / "model.gguf", "qwen2"))
    check_operator(ModelTokensEvaluator(tokenizers={"model": file}), examples=5)
    check_operator(ModelTokensFilter(tokenizer=file, min=2), examples=5)


@pytest.mark.parametrize("piece", ["a", "the", "1", " ", "é", "\n"])
def test_a_long_text_is_counted_whatever_it_is_made_of(piece: str, tmp_path: Path) -> None:
    file = bytes_into(tmp_path / "model.gguf", "qwen2")
    (count,) = counts(file, piece * 100_000)
    assert count == {"the": 100_000, "é": 200_000}.get(piece, 100_000)
