"""Instructions and answers for supervised fine-tuning."""

from __future__ import annotations

from operators.core.handle import Handle
from operators.core.pipeline import Pipeline
from operators.core.sequential import Sequential
from operators.generic.filter import ScoreFilter
from operators.text.dedup import ExactDedup
from operators.text.evaluate_instructions import AlpagasusEvaluator, InstagEvaluator
from operators.text.filter import BlankFilter, CharacterCountFilter, LoremIpsumFilter, WordCountFilter
from operators.text.minhash_dedup import MinHashDedup
from operators.text.refine import FixUnicode, NormalizeSpaces


class SftFilter(Pipeline):
    """Keep the pairs of instruction and answer worth fine-tuning on, and say of each other why not.

    Rules drop what is blank or too short or too long, deduplication what was asked before, and a language model rates what is left: how well the
    answer serves the instruction, and what the instruction intends.
    """

    expects = {"instruction": str, "output": str}

    def __init__(
        self, min_words: int = 5, max_words: int = 2000, similarity: float = 0.85, min_score: float = 4, min_tags: int = 1, characters: int = 4000
    ) -> None:
        self.clean = Sequential(FixUnicode(), NormalizeSpaces())
        self.asked = Sequential(BlankFilter(), CharacterCountFilter(min_characters=10, max_characters=20_000))
        self.answered = Sequential(BlankFilter(), WordCountFilter(min_words=min_words, max_words=max_words), LoremIpsumFilter())
        self.exact = ExactDedup(ignore_case=True, ignore_punctuation=True)
        self.near = MinHashDedup(threshold=similarity)
        self.rate = AlpagasusEvaluator(characters=characters)
        self.good = ScoreFilter(min=min_score)
        self.tag = InstagEvaluator(characters=characters)
        self.meant = ScoreFilter(min=min_tags)

    def forward(self, pairs: Handle) -> Handle:
        cleaned = self.clean(pairs, input_text="output")
        whole = self.answered(self.asked(cleaned, input_text="instruction"), input_text="output")
        unique = self.near(self.exact(whole, input_text="instruction"), input_text="instruction")
        good = self.good(self.rate(unique), input_score="alpagasus_score")
        return self.meant(self.tag(good), input_score="tag_count")
