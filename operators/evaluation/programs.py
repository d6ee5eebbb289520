"""Answers that are programs, run against their tests."""

from __future__ import annotations

import re
import textwrap
from typing import Any, Final

from operators.bases.fenced_blocks import blocks_of
from operators.bases.replies import functions_of, program_of
from operators.bases.tested_programs import TestsPrograms, UnreadableTests
from operators.bases.thoughts import without_thought
from operators.core.kinds import Evaluate
from operators.evaluation.scores import SCORE_COLUMNS, Score, unknown, wrong
from operators.sandboxes import SandboxSession
from operators.tables.columns import Input, Output

_BEGINS: Final = re.compile(r"^(?:import |from |def |async def |class |@)", re.MULTILINE)
_PROSE_LINES: Final = 40
"""Lines of prose, or of a fence that ends, behind a program without one, at most."""


class BenchmarkProgramEvaluator(Evaluate, TestsPrograms):
    """Run the program of each answer against the tests of its question, in the sandbox: HumanEval, MBPP and their like.

    The program is the last code block of the answer that defines the function, or the longest. Where the question begins a program (HumanEval), what
    stands there before the function goes before it, and an answer that only continues it is put after it. Right: all tests pass. The score is 1 or 0.
    No answer is wrong; a row without tests is null.
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
    said = without_thought(answer)
    code = _defining(said, entry_point) or program_of(said)
    begun = re.search(rf"^(?:async )?def {re.escape(entry_point)}\b", question, re.MULTILINE) if entry_point else None
    if begun is None:
        return code
    if entry_point in functions_of(code):
        before = question[: begun.start()].rstrip()
        return f"{before}\n\n{code}" if before else code
    before_fence = said.strip("\n").partition("\n```")[0]
    indented = before_fence[:1].isspace() and entry_point in functions_of(f"{question.rstrip()}\n{before_fence}")
    whole = f"{question.rstrip()}\n{before_fence if indented else _as_body(said, code)}"
    return _without_prose_behind(whole, entry_point or "") or whole


def _defining(answer: str, entry_point: str | None) -> str | None:
    """The last block that defines the function that is asked for: a model mends what it wrote, and shows how to call it. Of an answer without blocks
    what can be read as a program between the prose before and after it. None where nothing defines it."""
    if not entry_point:
        return None
    blocks = [block.code for block in blocks_of(answer)]
    if blocks:
        return next((code for code in reversed(blocks) if entry_point in functions_of(code)), None)
    begun = _BEGINS.search(answer)
    return _without_prose_behind(answer[begun.start() :], entry_point) if begun else None


def _without_prose_behind(text: str, entry_point: str) -> str | None:
    """The longest beginning of a text that is a program with the function, before a line that is not indented; None where there is none."""
    lines = text.splitlines()
    ends = (end for end in range(len(lines), max(0, len(lines) - _PROSE_LINES), -1) if end == len(lines) or lines[end][:1].strip())
    pieces = ("\n".join(lines[:end]) for end in ends)
    return next((code for code in pieces if entry_point in functions_of(code)), None)


def _as_body(answer: str, code: str) -> str:
    """What continues a function, indented below it. An answer without fences may have lost the indentation of its first line."""
    body = code if "```" in answer else answer.strip("\n")
    first, *others = body.splitlines() or [""]
    if first[:1].isspace():
        return body
    only_first = not first.rstrip().endswith(":") and all(line[:1].isspace() for line in others if line.strip())
    return f"    {body}" if only_first else textwrap.indent(body, "    ")
