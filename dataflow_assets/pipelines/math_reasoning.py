"""Questions of mathematics with solutions whose answers are proven."""

from __future__ import annotations

from operators.core.sequential import Sequential
from operators.generic.join import Union
from operators.generic.selection.present import PresentFilter
from operators.generic.selection.vote import MajorityVoteFilter
from operators.math.programs.agreement import ProgramAgreementFilter
from operators.math.programs.answers import ProgramAnswersGenerator
from operators.math.questions.checking import QuestionCheckFilter
from operators.math.questions.making import QuestionSynthesisGenerator
from operators.math.questions.rating import CategoryEvaluator, DifficultyEvaluator
from operators.math.solutions.form import AnswerFormatFilter, SolutionRepetitionFilter
from operators.math.solutions.ground_truth import GroundTruthFilter
from operators.math.solutions.tokens import EstimatedTokenFilter
from operators.math.solutions.voting import MajorityVoteEvaluator
from operators.math.solutions.writing import SolutionGenerator, SolutionSamplesGenerator
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.duplicates.exact import ExactDedup
from operators.text.rules.whole_text import BlankFilter


class MathReasoning(Pipeline):
    """Make solutions of questions of mathematics, and keep those whose answer is proven; say of each other why not.

    Questions are checked step by step, new ones are made of those that hold and checked too, and all are rated and sorted. Then they part. Where
    there is a gold answer, a solution is written and has to reach it. Where there is none, `samples` solutions are drawn and voted on, and with
    `programs` so many Python programs, run in the sandbox, have to come to the same answer: a row is kept only where majority and program agree.
    """

    expects = {"question": str, "golden_answer": str}

    def __init__(
        self,
        check: bool = True,
        synthesize: int = 1,
        rate: bool = True,
        samples: int = 4,
        programs: int = 1,
        needed: float = 0.5,
        temperature: float = 0.7,
        max_tokens: int = 2048,
        max_solution_tokens: int = 8192,
        seed: int = 0,
    ) -> None:
        self.asked = BlankFilter()
        self.once = ExactDedup(ignore_case=True)
        if check:
            self.check_seeds = QuestionCheckFilter()
        if synthesize:
            self.synthesize = QuestionSynthesisGenerator(count=synthesize, seed=seed)
            self.new_once = ExactDedup(ignore_case=True)
            if check:
                self.check_new = QuestionCheckFilter()
            self.joined = Union(fill=True)
        if rate:
            self.difficulty = DifficultyEvaluator()
            self.category = CategoryEvaluator()
        self.with_gold = PresentFilter()
        self.solve = SolutionGenerator(max_tokens=max_tokens)
        self.stated = self._form(max_solution_tokens)
        self.proven = GroundTruthFilter()
        self.without_gold = PresentFilter(which="missing")
        self.sample = SolutionSamplesGenerator(samples=samples, temperature=temperature, max_tokens=max_tokens)
        self.vote = MajorityVoteEvaluator(needed=needed)
        self.majority = MajorityVoteFilter()
        self.voted = self._form(max_solution_tokens)
        if programs:
            self.program = ProgramAnswersGenerator(samples=programs, temperature=temperature if programs > 1 else 0.0)
            self.agreed = ProgramAgreementFilter()
        self.all = Union(fill=True)

    def _form(self, max_tokens: int) -> Sequential:
        """A stated answer, no endless text, no circles."""
        length = EstimatedTokenFilter(max_tokens=max_tokens).bind(input_text="solution")
        return Sequential(AnswerFormatFilter(found_by=("boxed", "marker")), length, SolutionRepetitionFilter())

    def forward(self, questions: Handle) -> Handle:
        rated = self._rated(self._made(questions))
        return self.all(self._with_gold(rated), self._by_vote(rated))

    def _made(self, questions: Handle) -> Handle:
        """The seeds that hold, and what is made of them."""
        stages = self.operators()
        seeds = self.once(self.asked(questions, input_text="question").gathered(), input_text="question")
        if "check_seeds" in stages:
            seeds = self.check_seeds(seeds)
        if "synthesize" not in stages:
            return seeds
        new = self.new_once(self.synthesize(seeds), input_text="question")
        return self.joined(seeds, self.check_new(new) if "check_new" in stages else new)

    def _rated(self, questions: Handle) -> Handle:
        return self.category(self.difficulty(questions)) if "difficulty" in self.operators() else questions

    def _with_gold(self, questions: Handle) -> Handle:
        solved = self.solve(self.with_gold(questions, input_value="golden_answer"))
        return self.proven(self.stated(solved))

    def _by_vote(self, questions: Handle) -> Handle:
        sampled = self.sample(self.without_gold(questions, input_value="golden_answer"))
        voted = self.voted(self.majority(self.vote(sampled, output_solution="solution")))
        return self.agreed(self.program(voted)) if "program" in self.operators() else voted
