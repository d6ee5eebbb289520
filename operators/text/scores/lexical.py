"""Scores that need nothing but the text: repetition, lexical diversity."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from pydantic import Field

from operators.bases.words import distinct_share, folded_words
from operators.core.kinds import Evaluate
from operators.tables.columns import Input, Output


class NgramDiversityEvaluator(Evaluate):
    """Say how little a text repeats itself: different n-grams of words over all n-grams, above 0 (all the same) to 1 (none twice).

    Null for a text shorter than `n` words: it has no n-gram, which says nothing about its quality. Follow with ScoreFilter to filter. What Gopher
    measures is another thing, the share of the characters in repeated n-grams: StatisticsEvaluator(statistics=("duplicate_5_gram_share",)).
    """

    covers = ("NgramSampleEvaluator",)
    source = "distinct-n (Li et al. 2016)"
    asks = ("distinct-1 and distinct-2 ratio", "score how repetitive a document is", "share of different bigrams or trigrams")

    input_text = Input(str)
    output_score = Output(float, "ngram_diversity")

    n: int = Field(5, ge=1, description="Words in an n-gram.")

    def evaluate(self, text: str) -> float | None:
        return distinct_share(folded_words(text), self.n)


class LexicalDiversityEvaluator(Evaluate):
    """Say how rich the vocabulary of a text is, independently of its length, by MTLD and HD-D.

    MTLD: how many words in a row keep the type-token ratio above `threshold`, at least about 1, without an upper end; ordinary prose has 50 to 120.
    Where the ratio never falls to the threshold, it is the number of words over the share of a factor that was used; where no word comes twice,
    what it would be if the next word did: no text of its length is more diverse, and none scores higher. HD-D: the expected type-token ratio of
    `draws` words drawn from the text, 0 to 1; ordinary prose has 0.7 to 0.9. Each is null for texts of fewer words than it needs. Follow with
    ScoreFilter(min=50) to filter.
    """

    covers = ("LexicalDiversitySampleEvaluator", "LexicalDiversityFilter")
    source = "McCarthy & Jarvis 2007 (HD-D), 2010 (MTLD)"
    asks = ("richness of the vocabulary", "type token ratio", "how varied is the wording")

    input_text = Input(str)
    output_mtld = Output(float, "mtld")
    output_hdd = Output(float, "hdd")

    threshold: float = Field(0.72, gt=0, lt=1, description="Type-token ratio at which a factor of MTLD is complete.")
    draws: int = Field(42, ge=1, description="Words drawn for HD-D.")
    min_words: int = Field(50, ge=1, description="Fewest words for MTLD; HD-D needs as many as it draws.")

    def evaluate(self, text: str) -> tuple[float | None, float | None]:
        found = folded_words(text)
        return (mtld(found, self.threshold) if len(found) >= self.min_words else None), hdd(found, self.draws)


def mtld(tokens: Sequence[str], threshold: float = 0.72) -> float | None:
    """Mean of the forward and the backward measure of textual lexical diversity; None without tokens.

    Where no token comes twice, nothing of a factor was used, and any number would do that is not below that of a text with one repetition: it is that
    of the tokens with the first of them once more at the end.
    """
    if not tokens:
        return None
    if len(set(tokens)) == len(tokens):
        tokens = [*tokens, tokens[0]]
    forward, backward = _factors(tokens, threshold), _factors(tokens[::-1], threshold)
    return (len(tokens) / forward + len(tokens) / backward) / 2


def _factors(tokens: Sequence[str], threshold: float) -> float:
    """Stretches in which the type-token ratio falls to the threshold, with the last one counted as far as it came."""
    factors, types, count = 0.0, set[str](), 0
    for token in tokens:
        types.add(token)
        count += 1
        if len(types) / count <= threshold:
            factors, types, count = factors + 1, set(), 0
    return factors + (1 - len(types) / count) / (1 - threshold) if count else factors


def hdd(tokens: Sequence[str], draws: int = 42) -> float | None:
    """Sum over types of the probability to be among `draws` tokens drawn without replacement, over `draws`; None for fewer tokens."""
    total = len(tokens)
    if total < draws:
        return None
    absent = (_probability_of_none(total, frequency, draws) for frequency in Counter(tokens).values())
    return min(1.0, math.fsum(1 - probability for probability in absent) / draws)


def _probability_of_none(total: int, frequency: int, draws: int) -> float:
    """Hypergeometric, by logarithms of the gamma function: no factorial overflows however often a word comes."""
    rest = total - frequency
    if rest < draws:
        return 0.0
    return math.exp(math.lgamma(rest + 1) - math.lgamma(rest - draws + 1) - math.lgamma(total + 1) + math.lgamma(total - draws + 1))
