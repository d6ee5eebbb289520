"""Instructions with programs that are proven by tests, made from functions."""

from __future__ import annotations

from operators.code.duplicates.source_duplicates import ExactSourceDedup
from operators.code.language.syntax_filter import SyntaxFilter
from operators.code.rules.layout import SourceSizeFilter, SourceWordsFilter
from operators.code.rules.repetition import RepetitiveSourceFilter
from operators.code.running.reference import ReferenceTestsEvaluator
from operators.code.running.suites import ProvenSuiteFilter, TestSuiteEvaluator
from operators.code.running.verdicts import PassesTestsFilter
from operators.code.synthesis.instructions import InstructionFromCodeGenerator
from operators.code.synthesis.solutions import CodeSolutionGenerator, TestsGenerator
from operators.core.sequential import Sequential
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.synthesis.chat import ChatMessagesGenerator


class CodeInstruct(Pipeline):
    """Make pairs of instruction and Python program from functions, and keep those that are proven: no model's opinion decides.

    A model says of each function what it does, writes tests from that instruction alone, and solves it `samples` times. Of the tests those stay that
    hold for the seed function, `least_tests` at least; with `reference=False` all do, where the seeds are no programs that can be run alone. A
    solution stays when it passes them in the sandbox, three times, when a stub does not, and when they notice at least `min_killed` of the program's
    mutants. Of equal programs, and of nearly equal instructions, one stays. The share of mutants killed, the tests and the seed function stay on the
    row.
    """

    expects = {"code": str, "name": str}

    def __init__(
        self,
        seeds: int = 1000,
        samples: int = 4,
        temperature: float = 0.7,
        tests: int = 5,
        reference: bool = True,
        least_tests: int = 2,
        min_killed: float = 0.7,
        mutants: int = 20,
        max_seconds: float = 10,
        similarity: float = 0.8,
        characters: int = 4000,
        max_tokens: int = 700,
        tester: str = "llm",
        seed: int = 0,
    ) -> None:
        self.sized = Sequential(SourceSizeFilter(max_characters=characters), SourceWordsFilter(), RepetitiveSourceFilter())
        self.syntax = SyntaxFilter(language="Python", python_only=True)
        self.once = ExactSourceDedup()
        self.sample = RandomSample(rows=seeds, seed=seed)
        self.instruct = InstructionFromCodeGenerator(characters=characters)
        self.different = MinHashDedup(threshold=similarity, unit="character", shingle_size=4)
        self.test = TestsGenerator(tests=tests, llm=tester)
        if reference:
            self.hold = ReferenceTestsEvaluator(max_seconds=max_seconds)
            self.held = ScoreFilter(min=least_tests)
        self.solve = CodeSolutionGenerator(samples=samples, temperature=temperature if samples > 1 else 0.0, max_tokens=max_tokens)
        self.passes = PassesTestsFilter(max_seconds=max_seconds)
        self.same = ExactSourceDedup()
        self.prove = TestSuiteEvaluator(mutants=mutants, max_seconds=max_seconds, seed=seed)
        self.proven = ProvenSuiteFilter(min_killed=min_killed)
        self.chat = ChatMessagesGenerator()

    def forward(self, functions: Handle) -> Handle:
        whole = self.syntax(self.sized(functions, input_text="code"), input_text="code")
        seeds = self.sample(self.once(whole.gathered(), input_text="code"))
        asked = self.different(self.instruct(seeds, output_instruction="task"), input_text="task")
        tested = self.test(asked, input_instruction="task", input_entry_point="name")
        tests = "tests"
        if "hold" in self.operators():
            tests = "held_tests"
            tested = self.held(self.hold(tested, input_code="code", output_tests=tests), input_score="held_count")
        solved = self.solve(tested, input_instruction="task", input_entry_point="name", output_code="solution")
        right = self.same(self.passes(solved, input_code="solution", input_tests=tests), input_text="solution")
        proven = self.proven(self.prove(right, input_code="solution", input_tests=tests))
        return self.chat(proven, input_instruction="task", input_output="solution")
