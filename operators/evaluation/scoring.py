"""Answers scored without a model: by words, values and options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field

from operators.bases.answer_overlap import SaidWords, answer_units, best_overlap
from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.verdicts import Comparison
from operators.bases.thoughts import without_thought
from operators.core.kinds import Evaluate
from operators.evaluation.choosing import chosen
from operators.evaluation.formats.options import option_name
from operators.evaluation.items import MEASURES
from operators.evaluation.scores import SCORE_COLUMNS, Score, unknown, wrong
from operators.evaluation.stated import stated_value
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed

_NEGATIONS: Final = frozenset(
    "no not never neither nor cannot nicht kein keine keinen weder pas jamais ni non nunca não нет не nie niet geen 不 没 非".split()
)
_CLAUSES: Final = re.compile(r"[,.;:!?](?=\s|$)|[，。；：！？]|\s[-–—]\s")


class BenchmarkScoreEvaluator(Evaluate):
    """Score answers to the questions of a benchmark without asking a model: exact, f1, contained, math, choice, choices.

    A row is scored by its own `measure`, or all by the parameter. No answer, and one that cannot be read, is wrong; a row without a reference is
    neither right nor wrong, and its score is null. exact and f1 are those of SQuAD, in any script, against the best reference. contained: the words
    of a reference stand in the answer, in order. math: proven equal. choices: right where exactly the right options are chosen, the score is the
    F1 of the chosen ones. Judged answers, programs and likelihoods have evaluators of their own.
    """

    covers = ("BenchDatasetEvaluator", "UnifiedBenchDatasetEvaluator")
    source = "SQuAD (Rajpurkar et al. 2016); MATH (Hendrycks et al. 2021); harness of EleutherAI (Gao et al. 2021)"
    asks = ("score model answers against the gold labels", "exact match and F1 on my test set", "accuracy of multiple choice answers")

    input_measure = Input(str)
    input_question = Input(str, nulls="pass")
    input_answer = Input(str, "model_answer", nulls="pass")
    input_references = Input(list[str], optional=True, nulls="pass")
    input_choices = Input(list[str], optional=True, nulls="pass")
    input_right_choices = Input(list[int], optional=True, nulls="pass")

    measure: Literal["auto", "exact", "f1", "contained", "math", "choice", "choices"] = Field("auto", description="auto: that of the row.")

    def outputs(self) -> dict[str, Output]:
        return dict(SCORE_COLUMNS)

    def evaluate(
        self,
        measure: str,
        question: str | None,
        answer: str | None,
        references: list[str] | None,
        choices: list[str] | None,
        right_choices: list[int] | None,
    ) -> dict[str, Any]:
        said = without_thought(answer or "").strip()
        used = measure if self.measure == "auto" else self.measure
        if used not in MEASURES:
            raise RowFailed(f'there is no measure "{used}", only {", ".join(MEASURES)}')
        if used in ("tests", "likelihood"):
            by = "BenchmarkProgramEvaluator" if used == "tests" else "BenchmarkLikelihoodEvaluator"
            raise RowFailed(f'its measure is "{used}": score it with {by}')
        if used in ("choice", "choices"):
            return self._options(said, choices, right_choices, used).by(used)
        return self._words(said, [one for one in references or () if one and one.strip()], used).by(used)

    def _options(self, answer: str, choices: list[str] | None, right: list[int] | None, measure: str) -> Score:
        if not choices or not right:
            return unknown("the row does not say which option is right")
        if not answer:
            return wrong("there is no answer")
        taken = chosen(answer, choices, several=measure == "choices")
        if taken is None:
            return wrong("the answer chooses no option")
        letters = ", ".join(map(option_name, taken))
        wanted = ", ".join(map(option_name, right))
        if set(taken) == set(right):
            return Score(True, 1.0, letters, f"{letters} is right")
        common = len(set(taken) & set(right))
        score = 2 * common / (len(taken) + len(right)) if measure == "choices" else 0.0
        return Score(False, score, letters, f"{letters}, not {wanted}")

    def _words(self, answer: str, references: Sequence[str], measure: str) -> Score:
        if not references:
            return unknown("there is no reference answer")
        if not answer:
            return wrong("there is no answer")
        if measure == "math":
            return _value(answer, references)
        if measure == "contained":
            return _contained(answer, references)
        best = best_overlap(answer, references)
        score = best.f1 if measure == "f1" else float(best.exact)
        return Score(best.exact, score, answer, "the same words" if best.exact else f"F1 {best.f1:.2f} with the nearest reference")


def _value(answer: str, references: Sequence[str]) -> Score:
    said = stated_value(answer)
    if said is None:
        return wrong("no final answer is stated")
    compared = [_compared(reference, said) for reference in references]
    best = next((one for one in compared if one.equal), compared[0])
    return Score(best.equal, float(best.equal), said, best.reason if best.equal else f"{best.verdict}: {best.reason}")


def _compared(reference: str, said: str) -> Comparison:
    """Beside a reference that is no equation, what stands after the last "=" counts: "so f'(x) = 2x" is 2x."""
    whole = compare_answers(reference, said)
    name, sign, value = said.rpartition("=")
    if whole.equal or not sign or not value.strip() or "=" in reference or name.rstrip().endswith(("<", ">", "!")):
        return whole
    after = compare_answers(reference, value)
    return after if after.equal else whole


def _contained(answer: str, references: Sequence[str]) -> Score:
    """One way only: the reference in the answer. "1" is not in "12", and "12" is not answered by "1". What a clause denies is not said by it."""
    said, clauses = SaidWords(answer), _CLAUSES.split(answer)
    for reference in references:
        if reference not in said:
            continue
        wanted = answer_units(reference)
        holding = [clause for clause in map(answer_units, clauses) if _place(wanted, clause) is not None]
        if holding and not _NEGATIONS & set(wanted) and all(_is_denied(wanted, clause) for clause in holding):
            return wrong(f'"{reference}" stands after a negation', answer)
        return Score(True, 1.0, answer, f'"{reference}" stands in it')
    return wrong("no reference stands in it", answer)


def _is_denied(wanted: Sequence[str], clause: Sequence[str]) -> bool:
    before = clause[: _place(wanted, clause)][-2:]
    return any(unit in _NEGATIONS or unit.endswith("n't") for unit in before)


def _place(wanted: Sequence[str], within: Sequence[str]) -> int | None:
    """How many units stand before the wanted ones; None where these do not stand there."""
    joined = "\0".join(("", *within, ""))
    found = joined.find("\0".join(("", *wanted, "")))
    return None if found < 0 else joined[:found].count("\0")
