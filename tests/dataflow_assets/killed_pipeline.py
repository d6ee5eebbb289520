"""The pipeline whose processes `killed_cluster` kills: stages that workers share out, and one that asks a language model."""

from __future__ import annotations

from operators import Handle, Pipeline, Sequential
from operators.generic.selection.score import ScoreFilter
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.raters.educational_value import EducationalValueEvaluator
from tests.dataflow_assets.worker_operators import KeepsOneOfMany


class Killed(Pipeline):
    """Clean texts, keep one of a hundred, rate them by a language model, and keep the good ones once."""

    name = "killed"
    expects = {"text": str}

    def __init__(self) -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.some = KeepsOneOfMany()
        self.rate = EducationalValueEvaluator()
        self.good = ScoreFilter(min=1)
        self.once = ExactDedup()

    def forward(self, documents: Handle) -> Handle:
        return self.once(self.good(self.rate(self.some(self.clean(documents))), input_score="educational_value"))
