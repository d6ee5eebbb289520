"""Programming tasks rewritten so that they can be tested, solved, and proven."""

from __future__ import annotations

from operators.code.duplicates.source_duplicates import ExactSourceDedup
from operators.code.running.suites import ProvenSuiteFilter, TestSuiteEvaluator
from operators.code.running.verdicts import PassesTestsFilter
from operators.code.synthesis.instructions import EnhancedInstructionGenerator
from operators.code.synthesis.solutions import CodeSolutionGenerator, TestsGenerator
from operators.core.sequential import Sequential
from operators.generic.selection.sample import RandomSample
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.rules.whole_text import BlankFilter, CharacterCountFilter
from operators.text.synthesis.chat import ChatMessagesGenerator


class CodeEnhance(Pipeline):
    """Rewrite programming tasks into one precise form, solve them in Python, and keep the solutions that tested tests prove.

    Each task gets what it left open and the stub of one function with an example, and tests that are written from it alone. What stays does as the
    example says, has passed the tests in the sandbox three times, and they notice at least `min_killed` of the mutants of the solution.
    """

    expects = {"instruction": str}

    def __init__(
        self,
        tasks: int = 1000,
        samples: int = 4,
        temperature: float = 0.7,
        tests: int = 5,
        min_killed: float = 0.7,
        mutants: int = 20,
        max_seconds: float = 10,
        similarity: float = 0.8,
        characters: int = 4000,
        max_tokens: int = 700,
        tester: str = "llm",
        seed: int = 0,
    ) -> None:
        self.asked = Sequential(BlankFilter(), CharacterCountFilter(min_characters=16, max_characters=characters))
        self.different = MinHashDedup(threshold=similarity, unit="character", shingle_size=4)
        self.sample = RandomSample(rows=tasks, seed=seed)
        self.enhance = EnhancedInstructionGenerator(characters=characters, max_tokens=max_tokens)
        self.test = TestsGenerator(tests=tests, llm=tester)
        self.solve = CodeSolutionGenerator(samples=samples, temperature=temperature if samples > 1 else 0.0, max_tokens=max_tokens)
        self.passes = PassesTestsFilter(max_seconds=max_seconds)
        self.as_shown = PassesTestsFilter(max_seconds=max_seconds)
        self.same = ExactSourceDedup()
        self.prove = TestSuiteEvaluator(mutants=mutants, max_seconds=max_seconds, seed=seed)
        self.proven = ProvenSuiteFilter(min_killed=min_killed)
        self.chat = ChatMessagesGenerator()

    def forward(self, tasks: Handle) -> Handle:
        asked = self.different(self.asked(tasks, input_text="instruction").gathered(), input_text="instruction")
        precise = self.enhance(self.sample(asked))
        tested = self.test(precise, input_instruction="enhanced_instruction")
        solved = self.solve(tested, input_instruction="enhanced_instruction", output_code="solution")
        passed = self.as_shown(self.passes(solved, input_code="solution"), input_code="solution", input_tests="example_test")
        right = self.same(passed, input_text="solution")
        proven = self.proven(self.prove(right, input_code="solution"))
        return self.chat(proven, input_instruction="enhanced_instruction", input_output="solution")
