"""How close a text is to a reference: BLEU, ROUGE-L, CIDEr-D. All 0 (nothing in common) upwards."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa
from pydantic import Field

from operators.bases.words import folded_words
from operators.core.kinds import Evaluate
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.errors import Problem
from operators.text.classical.spelling import StemmingLanguage, StemWords, stemmer

Gram: TypeAlias = tuple[str, ...]


def ngrams(tokens: Sequence[str], n: int) -> Counter[Gram]:
    """Each run of `n` tokens, and how often it occurs."""
    return Counter(zip(*(tokens[at:] for at in range(n)), strict=False))


class BleuEvaluator(Evaluate):
    """Compare a text with a reference by sentence BLEU: the geometric mean of the precisions of 1- to `n`-grams, times the brevity penalty; 0 to 1.

    As sacrebleu's sentence_bleu with exponential smoothing and effective order (texts shorter than `n` words use what they have), over words
    with case folded. A shuffled sentence scores low. Null where either text has no words.
    """

    covers = ("BleuSampleEvaluator",)
    source = "Papineni et al. 2002; smoothing: Chen & Cherry 2014, method 3 (sacrebleu, Post 2018)"
    asks = ("translation quality against a gold sentence", "machine translation metric", "n-gram precision of a hypothesis")

    input_text = Input(str)
    input_reference = Input(str)
    output_score = Output(float, "bleu")

    n: int = Field(4, ge=1, le=8)

    def evaluate(self, text: str, reference: str) -> float | None:
        return sentence_bleu(folded_words(text), folded_words(reference), self.n)


def sentence_bleu(tokens: Sequence[str], reference: Sequence[str], n: int = 4) -> float | None:
    if not tokens or not reference:
        return None
    logarithms, smoothing = [], 1.0
    for order in range(1, min(n, len(tokens)) + 1):
        found = ngrams(tokens, order)
        matches = (found & ngrams(reference, order)).total()
        if order == 1 and not matches:
            return 0.0
        if not matches:
            smoothing *= 2
        logarithms.append(math.log((matches or 1 / smoothing) / found.total()))
    brevity = min(0.0, 1 - len(reference) / len(tokens))
    return math.exp(math.fsum(logarithms) / len(logarithms) + brevity)


class RougeEvaluator(Evaluate):
    """Compare a text with a reference by ROUGE-L: precision, recall and F1 of their longest common subsequence of words, each 0 to 1.

    Null where either text has no words. Takes time with the product of the two lengths: `max_words` bounds it, and longer texts are null.
    """

    source = "Lin 2004"
    asks = ("evaluate summaries automatically", "overlap of a summary with the gold one", "longest common subsequence metric")

    input_text = Input(str)
    input_reference = Input(str)
    output_score = Output(float, "rouge_l")
    output_precision = Output(float, "rouge_l_precision")
    output_recall = Output(float, "rouge_l_recall")

    max_words: int = Field(5000, ge=1)

    def evaluate(self, text: str, reference: str) -> tuple[float | None, float | None, float | None]:
        tokens, wanted = folded_words(text), folded_words(reference)
        if not tokens or not wanted or max(len(tokens), len(wanted)) > self.max_words:
            return None, None, None
        common = longest_common_subsequence(tokens, wanted)
        precision, recall = common / len(tokens), common / len(wanted)
        return (2 * precision * recall / (precision + recall) if common else 0.0), precision, recall


def longest_common_subsequence(left: Sequence[str], right: Sequence[str]) -> int:
    """Its length, with one bit for each token of `left` (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for at, token in enumerate(left):
        places[token] = places.get(token, 0) | 1 << at
    everything = (1 << len(left)) - 1
    state = everything
    for token in right:
        matches = state & places.get(token, 0)
        state = (state + matches | state - matches) & everything
    return len(left) - state.bit_count()


class CiderEvaluator(Evaluate):
    """Compare texts with references by CIDEr-D: words that are rare among all references count more; 0 to 10.

    The weights come from all references of the table, so a table of one row has none to give: its score is null. So is that of a row whose
    text or reference has no words. Words are compared without case and punctuation; with `stemming` by their stems, as in the paper.
    """

    covers = ("CiderSampleEvaluator",)
    source = "Vedantam et al. 2015, CIDEr-D"
    asks = ("image caption metric", "tf-idf weighted comparison with human captions")
    scope = "table"

    input_text = Input(str)
    input_reference = Input(str)
    output_score = Output(float, "cider")

    n: int = Field(4, ge=1, le=8)
    sigma: float = Field(6.0, gt=0, description="Width of the penalty for another length, in words.")
    stemming: StemmingLanguage | None = Field(None, description="Language of the stems, ISO 639-1. Extra: [text].")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        stems = StemWords(language=self.stemming).package_problems() if self.stemming else []
        return [*super().problems(*tables), *(Problem(f"{self.name} with stemming: {stem.message}", suggestion=stem.suggestion) for stem in stems)]

    def _words(self, text: str) -> list[str]:
        found = folded_words(text)
        return list(map(stemmer(self.stemming), found)) if self.stemming else found

    def evaluate_table(self, rows: RowsReader) -> pa.Array:
        documents, count = Counter[Gram](), 0
        for reference in _values(rows, "reference"):
            tokens = self._words(reference)
            documents.update(gram for order in range(1, self.n + 1) for gram in set(ngrams(tokens, order)))
            count += 1
        scores = [
            cider(self._words(text), self._words(reference), documents, count, self.n, self.sigma) if count > 1 else None
            for text, reference in zip(_values(rows, "text"), _values(rows, "reference"), strict=True)
        ]
        return pa.array(scores, pa.float64())


def _values(rows: RowsReader, short: str) -> Iterator[str]:
    for batch in rows.batches([short]):
        yield from batch.column(short).to_pylist()


def cider(tokens: Sequence[str], reference: Sequence[str], documents: Mapping[Gram, int], count: int, n: int, sigma: float) -> float | None:
    """Ten times the mean over n of the clipped cosine of tf-idf vectors, less for another length.

    `documents` says in how many of `count` references each n-gram stands.
    """
    if not tokens or not reference:
        return None
    penalty = math.exp(-((len(tokens) - len(reference)) ** 2) / (2 * sigma**2))
    cosines = []
    for order in range(1, n + 1):
        text, wanted = (_weighted(ngrams(words, order), documents, count) for words in (tokens, reference))
        norms = math.hypot(*text.values()) * math.hypot(*wanted.values())
        product = math.fsum(min(weight, wanted[gram]) * wanted[gram] for gram, weight in text.items() if gram in wanted)
        cosines.append(product / norms if norms else 0.0)
    return 10 * penalty * math.fsum(cosines) / n


def _weighted(grams: Mapping[Gram, int], documents: Mapping[Gram, int], count: int) -> dict[Gram, float]:
    return {gram: times * (math.log(count) - math.log(max(1, documents.get(gram, 0)))) for gram, times in grams.items()}
