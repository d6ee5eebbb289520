"""Perplexity by the serving model: of the whole text, however long, and the number that the model's own probabilities give."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.asking.answers import ServingStopped, TokenLogProbabilities, Weighed
from operators.asking.requests import GivenText
from operators.asking.serving import LLMServing
from operators.tables.errors import StageFailed
from operators.tables.storage import MemoryStorage
from operators.testing.scripted_serving import ScriptedServing
from operators.text.scores.llm_perplexity import LLMPerplexityEvaluator, windows
from resources import models
from resources.llm import LLMSettings, open_serving

missing = not models.list()[0].present and "DATAFLOW_REQUIRE_MODELS" not in os.environ
needs_weights = pytest.mark.skipif(
    missing, reason="the weights are not there: run `dataflow models get` (DATAFLOW_REQUIRE_MODELS=1 makes this an error)"
)


def judged(serving: Any, *texts: str | None, **parameters: Any) -> tuple[list[float | None], list[dict[str, Any]], Any]:
    """The scores, the rows set aside, and the report."""
    kept, rejected = MemoryStorage(), MemoryStorage()
    operator = LLMPerplexityEvaluator(**{"max_failed": 1.0, **parameters})
    table = MemoryStorage(pa.table({"text": pa.array(texts, pa.string())}))
    report = operator.run(table, into=kept, rejected=rejected, resources={"llm": serving})
    return kept.read()["perplexity"].to_pylist(), rejected.read().to_pylist(), report


class LettersServing(ScriptedServing):
    """Each character is a token, "a" likelier than the others; it keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[GivenText] = []

    async def log_probabilities(self, given: GivenText) -> Weighed:
        self.given.append(given)
        letters = given.text if given.context else given.text[1:]
        return TokenLogProbabilities(tuple(-0.5 if letter == "a" else -2.0 for letter in letters), "letters", len(letters))


TEXTS = st.text(st.sampled_from("ab c\n日🎉"), min_size=1, max_size=600)


@given(text=TEXTS, window=st.integers(64, 300), context=st.integers(0, 90))
def test_windows_make_up_the_whole_text_within_their_bytes_each_after_the_text_before_it(text: str, window: int, context: int) -> None:
    pieces = windows(text, window, context)
    assert "".join(piece.text for piece in pieces) == text
    at = 0
    for piece in pieces:
        assert 0 < len(piece.text.encode()) <= window
        assert len(piece.context.encode()) <= context
        assert text[:at].endswith(piece.context)
        assert piece.context or not context or at == 0 or len(text[at - 1].encode()) > context
        at += len(piece.text)


def test_a_long_text_is_cut_between_words_and_judged_to_its_end() -> None:
    serving = LettersServing()
    text = "aaaa " * 2000 + "bbbb " * 2000
    [score], _, _ = judged(serving, text)
    assert score == pytest.approx(math.exp((8000 * 0.5 - 0.5 + 12000 * 2.0) / 19999))
    assert len(serving.given) == 7
    assert all(given.text.startswith(" ") for given in serving.given[1:])


def test_a_text_of_fewer_than_two_tokens_is_set_aside_with_the_reason_and_null_stays_null() -> None:
    scores, rejected, _ = judged(LettersServing(), "", "a", None, "aa")
    assert scores == [None, pytest.approx(math.exp(0.5))]
    assert [row["rejected_reason"] for row in rejected] == ["the text has fewer than two tokens: nothing of it can be predicted"] * 2


def test_a_serving_that_cannot_ends_the_stage_at_the_first_row_with_what_to_do(tmp_path: Path) -> None:
    serving = open_serving(LLMSettings(provider="ollama", model="m", cache_path=tmp_path / "answers.sqlite"))
    with pytest.raises(ServingStopped, match=r"gives no log-probabilities of a given text.*The embedded model"):
        judged(serving, "the cat sat")


def test_it_needs_the_resource_that_it_names() -> None:
    with pytest.raises(StageFailed, match='needs the resource "small"'):
        judged(LettersServing(), "the cat sat", llm="small")


@pytest.fixture
def embedded(tmp_path: Path) -> LLMServing:
    return open_serving(LLMSettings(provider="embedded", cache_path=tmp_path / "answers.sqlite"))


PLAIN = "The capital of France is Paris."
SCRAMBLED = "Paris of capital is France The."


@needs_weights
def test_the_embedded_model_finds_scrambled_words_more_surprising_and_its_number_is_that_of_transformers(embedded: LLMServing) -> None:
    (plain, scrambled), _, report = judged(embedded, PLAIN, SCRAMBLED)
    assert plain == pytest.approx(13.0365, rel=0.01)  # transformers 5.23 with the same weights in single precision
    assert scrambled is not None
    assert scrambled > 10 * plain
    assert report.usage["llm"].calls == 2
    again, _, report = judged(embedded, PLAIN, SCRAMBLED)
    assert again == [plain, scrambled]
    assert (report.usage["llm"].calls, report.usage["llm"].cached) == (0, 2)


@needs_weights
def test_windows_with_context_change_the_number_of_a_text_but_little(embedded: LLMServing) -> None:
    text = " ".join(f"On day {day} the farmer fed the cows, and then he went back to the house for his breakfast." for day in range(4))
    [whole], _, _ = judged(embedded, text)
    [cut], _, report = judged(embedded, text, window=128, context=256)
    assert report.usage["llm"].calls > 2
    assert cut == pytest.approx(whole, rel=0.1)
