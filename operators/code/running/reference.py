"""Tests that hold for a program that is known to be right."""

from __future__ import annotations

from typing import Any

from operators.bases.tested_programs import TestsPrograms, UnreadableTests
from operators.core.kinds import Evaluate
from operators.sandboxes import SandboxSession, Test
from operators.tables.columns import Input, Output


class ReferenceTestsEvaluator(Evaluate, TestsPrograms):
    """Run the tests of each row against a reference program, and keep those that it passes, with what they share, and say how many they are.

    A model that writes tests often gets an expected value wrong, or means another function; where there is a program that is right, such as the
    function that a task was made from, it tells which. Without one that holds the text is empty, and the fault says why the first did not.
    """

    source = "differential testing (McKeeman 1998)"
    asks = ("drop generated tests with wrong expected values", "check tests against the reference solution", "are the asserts true for the original")

    input_code = Input(str, description="the reference program")
    input_tests = Input(Any, nulls="pass", description="asserts or test functions as one text, or a list of asserts")
    output_tests = Output(str, "held_tests")
    output_count = Output(int, "held_count")
    output_fault = Output(str, "reference_fault", description="of the first test that does not hold; empty where all do")

    async def evaluate(self, sandbox: SandboxSession, code: str, tests: Any) -> dict[str, Any]:
        try:
            program = self.program(code, tests)
        except UnreadableTests as error:
            return {"tests": "", "count": 0, "fault": str(error)}
        if not program.suite.tests:
            return {"tests": "", "count": 0, "fault": "there are no tests"}
        verdict = await self.verdict_on(sandbox, program)
        pairs = zip(program.suite.tests, verdict.tests, strict=False)
        held = [test.code for test, outcome in pairs if isinstance(test, Test) and outcome.outcome == "passed"]
        shared = [program.suite.setup] if held and program.suite.setup else []
        return {"tests": "\n".join([*shared, *held]), "count": len(held), "fault": verdict.reason}
