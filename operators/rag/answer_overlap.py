"""How far an answer says what the gold answer says, by its words."""

from __future__ import annotations

from typing import Any

from operators.bases.answer_overlap import NOTHING, as_answers, best_overlap
from operators.core.kinds import Evaluate
from operators.tables.columns import Input, Output


class AnswerOverlapEvaluator(Evaluate):
    """Compare an answer with one gold answer or several by their words: exact match, F1, precision and recall, 0 to 1, with the best of them.

    As SQuAD and HotpotQA count, in any script: characters where there are no spaces between words, numbers by what they say ("1,000" is "1000",
    "three" is "3"), an article only at the end, and yes and no only by themselves. An empty answer scores 0; where there is no gold answer, null.
    """

    covers = ("AgenticRAGQAF1SampleEvaluator",)
    source = "SQuAD (Rajpurkar et al. 2016), HotpotQA (Yang et al. 2018)"
    asks = ("token F1 and exact match of predicted answers", "score answers against several gold answers", "SQuAD metrics for Chinese answers")

    input_predicted = Input(Any, "prediction")
    input_answer = Input(Any, "answer")
    input_aliases = Input(Any, "aliases", optional=True, nulls="pass")
    output_f1 = Output(float, "f1")
    output_exact = Output(bool, "exact_match")
    output_precision = Output(float, "precision")
    output_recall = Output(float, "recall")

    def evaluate(self, predicted: Any, answer: Any, aliases: Any = None) -> dict[str, Any]:
        golds = [*as_answers(answer), *as_answers(aliases)]
        if not golds:
            return {"f1": None, "exact": None, "precision": None, "recall": None}
        said = as_answers(predicted)
        found = best_overlap("; ".join(said), golds) if said else NOTHING
        return {"f1": found.f1, "exact": found.exact, "precision": found.precision, "recall": found.recall}
