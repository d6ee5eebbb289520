"""What becomes of programs when they are run: as columns, and as what rows are kept by."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.bases.tested_programs import TestsPrograms, UnreadableTests
from operators.core.kinds import Evaluate, Filter
from operators.sandboxes import SandboxSession, VerdictKind
from operators.tables.columns import Input, Output


class ProgramEvaluator(Evaluate, TestsPrograms):
    """Run programs against their tests in a sandbox, and say what became of each.

    The verdict is one of "passed", "failed", "syntax_error", "timeout", "out_of_memory", "killed" and "output_limit", and comes from outside the
    program: nothing that it prints, returns or raises can make it "passed". Without tests a program passes when it ends by itself with status 0. Many
    are run at once. A program that could not be run at all is set aside: that says nothing of it.
    """

    covers = ("CodeSandboxSampleEvaluator",)
    source = "HumanEval (Chen et al. 2021): functional correctness"
    asks = (
        "run generated code safely",
        "execute solutions against unit tests",
        "which test does a program fail",
        "pass or fail of code in isolation",
    )

    input_code = Input(str)
    input_tests = Input(Any, optional=True, nulls="pass", description="asserts or test functions as one text, or a list of asserts")
    output_verdict = Output(str)
    output_reason = Output(str, "verdict_reason", description="one sentence; empty for passed")
    output_passed_share = Output(float, "tests_passed", description="tests passed over tests, 0 to 1; of a program without tests 1 or 0")
    output_printed = Output(str, "printed", description="what it wrote to standard output")

    max_printed: int = Field(2000, ge=0, description="Characters of the output that are kept.")

    async def evaluate(self, sandbox: SandboxSession, code: str, tests: Any) -> dict[str, Any]:
        verdict = await self.verdict_on(sandbox, self.program(code, tests))
        return {
            "verdict": verdict.kind,
            "reason": verdict.reason,
            "passed_share": verdict.passed_share,
            "printed": verdict.stdout[: self.max_printed],
        }


class PassesTestsFilter(Filter, TestsPrograms):
    """Keep programs that pass all their tests in a sandbox. `verdicts` names others that stay: ("passed", "timeout").

    A row without tests is rejected, since nothing would be proven; with `needs_tests=False` a program without tests has to end with status 0.
    """

    source = "HumanEval (Chen et al. 2021)"
    asks = ("keep only code that passes its tests", "throw out solutions that do not run", "execution based rejection sampling")

    input_code = Input(str)
    input_tests = Input(Any, optional=True, nulls="pass", description="asserts or test functions as one text, or a list of asserts")

    verdicts: tuple[VerdictKind, ...] = Field(("passed",), min_length=1)
    needs_tests: bool = True

    async def keep(self, sandbox: SandboxSession, code: str, tests: Any) -> tuple[bool, str]:
        try:
            program = self.program(code, tests, stop_at_first_failure=True)
        except UnreadableTests as error:
            return False, str(error)
        if self.needs_tests and not program.suite.tests:
            return False, "it has no tests"
        verdict = await self.verdict_on(sandbox, program)
        return verdict.kind in self.verdicts, f"{verdict.kind}: {verdict.reason}" if verdict.reason else verdict.kind
