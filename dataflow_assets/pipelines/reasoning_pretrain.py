"""Proven solutions as text to pretrain on."""

from __future__ import annotations

from typing import Any

from dataflow_assets.pipelines.math_reasoning import MathReasoning
from operators.math.solutions.pretraining import PretrainingTextGenerator
from operators.pipeline.handle import Handle


class ReasoningPretrain(MathReasoning):
    """Make solutions of questions of mathematics, keep those whose answer is proven, and write question and solution as one text.

    What is kept, and why the rest is not, is as in math_reasoning; `template` says how the text is put together.
    """

    def __init__(self, template: str = "{{ question }}\n\n{{ answer }}", **parameters: Any) -> None:
        super().__init__(**parameters)
        self.text = PretrainingTextGenerator(template=template)

    def forward(self, questions: Handle) -> Handle:
        return self.text(super().forward(questions))
