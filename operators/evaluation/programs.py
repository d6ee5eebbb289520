"""Answers that are programs, run against their tests."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from operators.bases.replies import functions_of, program_of
from operators.bases.tested_programs import TestsPrograms, UnreadableTests
from operators.core.kinds import Evaluate
from operators.evaluation.scores import SCORE_COLUMNS, Score, unknown, wrong
from operators.sandboxes import SandboxSession
from operators.tables.columns import Input, Output


class BenchmarkProgramEvaluator(Evaluate, TestsPrograms):
    """Run the program of each answer against the tests of its question, in the sandbox: HumanEval, MBPP and their like.

    The program is the code block of the answer. Where the question begins a program (HumanEval), what stands there before the function goes before
    it, and an answer that only continues it is put after it. Right: all tests pass. The score is 1 or 0. No answer is wrong; a row without tests is
    null.
    """

    covers = ("UnifiedBenchDatasetEvaluator",)
    source = "HumanEval (Chen et al. 2021); MBPP (Austin et al. 2021)"
    asks = ("pass@1 of generated programs", "score HumanEval or MBPP answers", "run benchmark solutions against their tests")

    input_question = Input(str)
    input_answer = Input(str, "model_answer", nulls="pass")
    input_tests = Input(str, nulls="pass")
    input_entry_point = Input(str, optional=True, nulls="pass")

    def outputs(self) -> dict[str, Output]:
        return dict(SCORE_COLUMNS)

    async def evaluate(
        self, sandbox: SandboxSession, question: str, answer: str | None, tests: str | None, entry_point: str | None
    ) -> dict[str, Any]:
        if not tests or not tests.strip():
            return unknown("the row has no tests").by("tests")
        if not answer or not answer.strip():
            return wrong("there is no answer").by("tests")
        code = whole_program(question, answer, entry_point)
        try:
            program = self.program(code, tests, stop_at_first_failure=True)
        except UnreadableTests as error:
            return unknown(str(error)).by("tests")
        verdict = await self.verdict_on(sandbox, program)
        said = f"{verdict.kind}: {verdict.reason}" if verdict.reason else verdict.kind
        return Score(verdict.passed, float(verdict.passed), code, said).by("tests")


def whole_program(question: str, answer: str, entry_point: str | None) -> str:
    """The program that an answer gives, with what a question that begins one has before its function.

    >>> print(whole_program("import math" + chr(10) + "def area(r):" + chr(10), "def area(r):" + chr(10) + "    return math.pi * r * r", "area"))
    import math
    <BLANKLINE>
    def area(r):
        return math.pi * r * r
    """
    code = program_of(answer.rpartition("</think>")[2])
    begun = re.search(rf"^(?:async )?def {re.escape(entry_point)}\b", question, re.MULTILINE) if entry_point else None
    if begun is None:
        return code
    if entry_point in functions_of(code):
        before = question[: begun.start()].rstrip()
        return f"{before}\n\n{code}" if before else code
    return f"{question.rstrip()}\n{_as_body(answer.rpartition('</think>')[2], code)}"


def _as_body(answer: str, code: str) -> str:
    """What continues a function, indented below it. An answer without fences may have lost the indentation of its first line."""
    body = code if "```" in answer else answer.strip("\n")
    first, *others = body.splitlines() or [""]
    if first[:1].isspace():
        return body
    only_first = not first.rstrip().endswith(":") and all(line[:1].isspace() for line in others if line.strip())
    return f"    {body}" if only_first else textwrap.indent(body, "    ")
