"""Problems of mathematics made of two."""

from __future__ import annotations

from operators.generic.selection.present import FlagFilter
from operators.generic.selection.vote import MajorityVoteFilter
from operators.math.programs.agreement import ProgramAgreementFilter
from operators.math.programs.answers import ProgramAnswersGenerator
from operators.math.questions.checking import SolvabilityEvaluator
from operators.math.questions.making import QuestionFusionGenerator, SimilarQuestionEvaluator
from operators.math.solutions.voting import MajorityVoteEvaluator
from operators.math.solutions.writing import SolutionSamplesGenerator
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.rules.whole_text import BlankFilter


class MathFusion(Pipeline):
    """Join each problem with the one most like it in three ways, and keep the new problems that can be solved; say of each other why not.

    The pair is chosen by the similarity of embeddings. With `samples`, solutions are drawn and voted on, and one Python program has to come to the
    same answer: what is kept has an answer on which two ways agree.
    """

    expects = {"question": str}

    def __init__(self, similarity: float = 0.8, samples: int = 4, temperature: float = 0.7, max_tokens: int = 2048) -> None:
        self.asked = BlankFilter()
        self.once = ExactDedup(ignore_case=True)
        self.pair = SimilarQuestionEvaluator()
        self.fuse = QuestionFusionGenerator(temperature=temperature)
        self.different = MinHashDedup(threshold=similarity, unit="character", shingle_size=4)
        self.judge = SolvabilityEvaluator()
        self.solvable = FlagFilter()
        if samples:
            self.sample = SolutionSamplesGenerator(samples=samples, temperature=temperature, max_tokens=max_tokens)
            self.vote = MajorityVoteEvaluator()
            self.majority = MajorityVoteFilter()
            self.program = ProgramAnswersGenerator()
            self.agreed = ProgramAgreementFilter()

    def forward(self, questions: Handle) -> Handle:
        seeds = self.once(self.asked(questions, input_text="question").gathered(), input_text="question")
        fused = self.different(self.fuse(self.pair(seeds)), input_text="question")
        good = self.solvable(self.judge(fused), input_flag="solvable")
        if "sample" not in self.operators():
            return good
        voted = self.majority(self.vote(self.sample(good), output_solution="solution"))
        return self.agreed(self.program(voted))
