"""Pipelines for the eye: they end in a second, keep some rows, drop some, and make a score."""

from operators.core.sequential import Sequential
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.rules.whole_text import WordCountFilter
from operators.text.scores.lexical import NgramDiversityEvaluator


class Notes(Pipeline):
    """Clean short notes, say how varied their words are, and keep those that say something."""

    expects = {"text": str}

    def __init__(self, min_words: int = 3) -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.varied = NgramDiversityEvaluator(n=1)
        self.long_enough = WordCountFilter(min_words=min_words)

    def forward(self, notes: Handle) -> Handle:
        return self.long_enough(self.varied(self.clean(notes)))


class Hasty(Notes):
    """The same notes, with a bound on what may be dropped that they do not keep."""


class Days(Notes):
    """The notes of each day by itself."""
