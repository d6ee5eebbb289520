"""How many questions of a benchmark one model answers right, or two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from operators.evaluation.answering import BenchmarkAnswerGenerator
from operators.evaluation.formats import FORMATS
from operators.evaluation.judging import BenchmarkJudgeEvaluator
from operators.evaluation.likelihood import BenchmarkLikelihoodEvaluator
from operators.evaluation.programs import BenchmarkProgramEvaluator
from operators.evaluation.reading import BenchmarkItemGenerator
from operators.evaluation.scoring import BenchmarkScoreEvaluator
from operators.evaluation.summary import BenchmarkSummary
from operators.generic.selection.sample import RandomSample
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline

Scoring: TypeAlias = Literal["auto", "rules", "tests", "judge", "likelihood"]
Scorer: TypeAlias = BenchmarkScoreEvaluator | BenchmarkProgramEvaluator | BenchmarkJudgeEvaluator | BenchmarkLikelihoodEvaluator

OF_FORMAT: Final[Mapping[str, Scoring]] = {
    "human_eval": "tests",
    "mbpp": "tests",
    "mbpp_sanitized": "tests",
    "text": "likelihood",
    "preference": "likelihood",
}
"""What "auto" means; "rules" for the other formats."""


class Benchmark(Pipeline):
    """Ask a model the questions of a benchmark file, score its answers, and say how many are right, in all and by category, with intervals.

    `format` is the layout of the file (see docs/benchmark.md); "auto" tells it by the columns. `scoring`: by rules (words, values, options), by tests
    in the sandbox, by a judge model, or by likelihood; "auto" as the format says. With `compare`, the model named "other" is asked too, and both are
    compared on the same questions. `rows` draws so many questions by `seed`.
    """

    def __init__(
        self,
        format: str = "human_eval",  # noqa: A002 - named as the parameter of the operator
        scoring: Scoring = "auto",
        compare: bool = False,
        rows: int | None = None,
        first_label: Literal[0, 1] = 0,
        parts: bool = False,
        judge: str = "judge",
        max_tokens: int | None = 1024,
        temperature: float | None = 0.0,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> None:
        self.expects = _expected(format)
        self.read = BenchmarkItemGenerator(format=format, first_label=first_label)
        if rows is not None:
            self.sample = RandomSample(rows=rows, seed=seed)
        scored = OF_FORMAT.get(format, "rules") if scoring == "auto" else scoring
        if scored != "likelihood":
            self.answer = BenchmarkAnswerGenerator(max_tokens=max_tokens, temperature=temperature)
        self.score = _scorer(scored, "llm", judge, parts)
        if compare:
            if scored != "likelihood":
                self.answer_other = BenchmarkAnswerGenerator(llm="other", max_tokens=max_tokens, temperature=temperature)
            self.score_other = _scorer(scored, "other", judge, parts)
        self.summary = BenchmarkSummary(confidence=confidence, seed=seed)

    def forward(self, questions: Handle) -> tuple[Handle, Handle]:
        stages = self.operators()
        items = self.read(questions)
        if "sample" in stages:
            items = self.sample(items.gathered())
        scored = self.score(self.answer(items) if "answer" in stages else items)
        if "score_other" in stages:
            read = {}
            if "answer_other" in stages:
                scored = self.answer_other(scored, output_answer="other_answer", output_fault="other_answer_fault")
                read = {"input_answer": "other_answer"}
            made = {f"output_{short}": f"other_{column}" for short, column in self.score_other.output_columns().items()}
            scored = self.score_other(scored, **read, **made)
        return scored, self.summary(scored.gathered())


def _scorer(scoring: str, llm: str, judge: str, parts: bool) -> Scorer:
    if scoring == "tests":
        return BenchmarkProgramEvaluator()
    if scoring == "likelihood":
        return BenchmarkLikelihoodEvaluator(llm=llm)
    return BenchmarkJudgeEvaluator(llm=judge, parts=parts) if scoring == "judge" else BenchmarkScoreEvaluator()


def _expected(format: str) -> dict[str, Any]:  # noqa: A002 - as above
    """The columns of the format; none where the file itself will tell."""
    declared = FORMATS.get(format)
    return {} if declared is None else {name: str if family == "text" else Any for name, family in declared.columns.items()}
