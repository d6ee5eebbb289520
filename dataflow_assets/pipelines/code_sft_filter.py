"""Instructions and programs for supervised fine-tuning."""

from __future__ import annotations

from operators.code.duplicates.source_duplicates import ExactSourceDedup, MinHashSourceDedup
from operators.code.language.syntax_filter import SyntaxFilter
from operators.code.raters.quality import CodeQualityEvaluator
from operators.code.rules.layout import LineLengthFilter, SourceSizeFilter, SourceWordsFilter
from operators.code.rules.repetition import RepetitiveSourceFilter
from operators.code.running.verdicts import PassesTestsFilter
from operators.code.secrets.operators import SecretsFilter
from operators.code.synthesis.fenced import ProgramFromReply
from operators.core.sequential import Sequential
from operators.generic.selection.rank import TopFilter
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.rules.whole_text import BlankFilter, CharacterCountFilter


class CodeSftFilter(Pipeline):
    """Keep the pairs of instruction and Python program worth fine-tuning on, and say of each other why not.

    The program is taken out of the answer, and has to parse, to be neither tiny nor repetitive, to hold no key or password, and to run: against its
    tests, where the table has a column `tests`, else by itself. Of equal and nearly equal programs one stays, the best rated of those nearly equal.
    What is left a model rates; the best `share` stays, and nothing below `min_score`. With `rate=False` no model is asked.
    """

    expects = {"instruction": str, "output": str}

    def __init__(
        self,
        min_words: int = 5,
        similarity: float = 0.8,
        rate: bool = True,
        min_score: float = 5,
        share: float = 0.8,
        characters: int = 4000,
        max_seconds: float = 10,
        rate_at_most: int | None = None,
    ) -> None:
        self.asked = Sequential(BlankFilter(), CharacterCountFilter(min_characters=8, max_characters=20_000))
        self.take = ProgramFromReply()
        self.quality = Sequential(
            SourceSizeFilter(max_characters=20_000), LineLengthFilter(), SourceWordsFilter(min_words=min_words), RepetitiveSourceFilter()
        )
        self.syntax = SyntaxFilter(language="Python", python_only=True)
        self.secrets = SecretsFilter()
        self.once = ExactSourceDedup()
        self.runs = PassesTestsFilter(needs_tests=False, max_seconds=max_seconds)
        if rate_at_most is not None:
            self.sample = RandomSample(rows=rate_at_most)
        if rate:
            self.rate = CodeQualityEvaluator(characters=characters)
            self.good = ScoreFilter(min=min_score)
            self.near = MinHashSourceDedup(threshold=similarity, keep="highest")
            self.top = TopFilter(share=share)
        else:
            self.near = MinHashSourceDedup(threshold=similarity)

    def forward(self, pairs: Handle) -> Handle:
        stages = self.operators()
        taken = self.take(self.asked(pairs, input_text="instruction"))
        whole = self.secrets(self.syntax(self.quality(taken, input_text="code"), input_text="code"), input_text="code")
        running = self.runs(self.once(whole.gathered(), input_text="code"))
        chosen = self.sample(running) if "sample" in stages else running
        if "rate" not in stages:
            return self.near(chosen, input_text="code")
        good = self.good(self.rate(chosen), input_score="code_quality")
        return self.top(self.near(good, input_text="code", input_score="code_quality"), input_score="code_quality")
