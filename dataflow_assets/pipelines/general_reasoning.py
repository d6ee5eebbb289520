"""Questions of any subject with reasoning that leads to the reference answer."""

from __future__ import annotations

from operators.core.sequential import Sequential
from operators.generic.join import Union
from operators.generic.selection.present import PresentFilter
from operators.generic.selection.vote import MajorityVoteFilter
from operators.math.questions.checking import QuestionCheckFilter
from operators.math.questions.making import QuestionSynthesisGenerator
from operators.math.solutions.form import SolutionRepetitionFilter
from operators.math.solutions.judging import AnswerJudgeFilter
from operators.math.solutions.prompts import ReasoningPrompt
from operators.math.solutions.tokens import EstimatedTokenFilter
from operators.math.solutions.voting import MajorityVoteEvaluator
from operators.math.solutions.writing import SolutionGenerator, SolutionSamplesGenerator
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.duplicates.exact import ExactDedup
from operators.text.rules.whole_text import BlankFilter


class GeneralReasoning(Pipeline):
    """Write the reasoning for questions of any subject, and keep what leads to the reference answer; say of each other why not.

    Where there is a reference answer, a judge compares: what is a number or a formula is proven, for the rest a model is asked, `judge` by name. New
    questions have none: of these, `samples` answers are voted on, and those without a majority are set aside.
    """

    expects = {"question": str, "golden_answer": str}

    def __init__(
        self,
        check: bool = True,
        synthesize: int = 1,
        samples: int = 3,
        judge: str = "llm",
        max_tokens: int = 2048,
        max_solution_tokens: int = 8192,
        seed: int = 0,
    ) -> None:
        self.asked = BlankFilter()
        self.once = ExactDedup(ignore_case=True)
        if check:
            self.check_seeds = QuestionCheckFilter(subject="any")
        self.with_reference = PresentFilter()
        self.reason = SolutionGenerator(prompt=ReasoningPrompt(), max_tokens=max_tokens)
        self.readable = Sequential(EstimatedTokenFilter(max_tokens=max_solution_tokens).bind(input_text="solution"), SolutionRepetitionFilter())
        self.right = AnswerJudgeFilter(llm=judge)
        if synthesize:
            self.synthesize = QuestionSynthesisGenerator(count=synthesize, subject="any", seed=seed)
            self.new_once = ExactDedup(ignore_case=True)
            if check:
                self.check_new = QuestionCheckFilter(subject="any")
            self.sample = SolutionSamplesGenerator(prompt=ReasoningPrompt(), samples=samples, max_tokens=max_tokens)
            self.vote = MajorityVoteEvaluator()
            self.majority = MajorityVoteFilter()
            self.all = Union(fill=True)

    def forward(self, questions: Handle) -> Handle:
        stages = self.operators()
        seeds = self.once(self.asked(questions, input_text="question").gathered(), input_text="question")
        if "synthesize" not in stages:
            referenced = self.with_reference(seeds, input_value="golden_answer")
            return self._right(self.check_seeds(referenced) if "check_seeds" in stages else referenced)
        seeds = self.check_seeds(seeds) if "check_seeds" in stages else seeds
        right = self._right(self.with_reference(seeds, input_value="golden_answer"))
        new = self.new_once(self.synthesize(seeds), input_text="question")
        checked = self.check_new(new) if "check_new" in stages else new
        voted = self.majority(self.vote(self.sample(checked), output_solution="solution"))
        return self.all(right, voted)

    def _right(self, questions: Handle) -> Handle:
        return self.right(self.readable(self.reason(questions)))
