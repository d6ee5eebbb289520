"""Tests that hold for a program that is known to be right."""

from __future__ import annotations

import ast
from typing import Any, Final

from pydantic import Field

from operators.bases.tested_programs import TestsPrograms, UnreadableTests
from operators.code.running.variations import variations
from operators.core.kinds import Evaluate
from operators.sandboxes import SandboxSession, Test
from operators.tables.columns import Input, Output


class ReferenceTestsEvaluator(Evaluate, TestsPrograms):
    """Run the tests of each row against a reference program, and keep those that it passes, with what they share, and say how many they are.

    A model that writes tests often gets an expected value wrong, or means another function; where there is a program that is right, such as the
    function that a task was made from, it tells which. Without one that holds the text is empty, and the fault says why the first did not.

    A few asserts let a wrong program pass, too: `variations` calls with other arguments, near those of the tests, are added, each with what the
    reference program returns.
    """

    source = "differential testing (McKeeman 1998)"
    asks = ("drop generated tests with wrong expected values", "check tests against the reference solution", "are the asserts true for the original")

    input_code = Input(str, description="the reference program")
    input_tests = Input(Any, nulls="pass", description="asserts or test functions as one text, or a list of asserts")
    output_tests = Output(str, "held_tests")
    output_count = Output(int, "held_count", description="of the tests that were given")
    output_varied = Output(int, "varied_count", description="of the further calls; 0 where none could be made or compared")
    output_fault = Output(str, "reference_fault", description="of the first test that does not hold; empty where all do")

    variations: int = Field(8, ge=0, le=100, description="So many tests more, at most.")
    seed: int = 0

    async def evaluate(self, sandbox: SandboxSession, code: str, tests: Any) -> dict[str, Any]:
        try:
            program = self.program(code, tests)
        except UnreadableTests as error:
            return {"tests": "", "count": 0, "varied": 0, "fault": str(error)}
        if not program.suite.tests:
            return {"tests": "", "count": 0, "varied": 0, "fault": "there are no tests"}
        verdict = await self.verdict_on(sandbox, program)
        pairs = zip(program.suite.tests, verdict.tests, strict=False)
        held = [test.code for test, outcome in pairs if isinstance(test, Test) and outcome.outcome == "passed"]
        shared = [program.suite.setup] if held and program.suite.setup else []
        more = await self._varied(sandbox, code, held) if self.variations else []
        return {"tests": "\n".join([*shared, *held, *more]), "count": len(held), "varied": len(more), "fault": verdict.reason}

    async def _varied(self, sandbox: SandboxSession, code: str, held: list[str]) -> list[str]:
        """Asserts of other calls, with values of the reference program that are the same in a second run."""
        calls = variations(held, self.variations, self.seed)
        if not calls:
            return []
        called = "".join(_CALL.format(call=call) for call in calls)
        verdict = await self.verdict_on(sandbox, self.program(f"{code}\n{_BEFORE}{called}", None))
        values = [line.removeprefix(_MARK) for line in verdict.stdout.splitlines() if line.startswith(_MARK)] if verdict.passed else []
        pairs = zip(calls, values, strict=True) if len(values) == len(calls) else ()
        asserts = [text for call, value in pairs if (text := _assert_of(call, value))]
        if not asserts:
            return []
        again = await self.verdict_on(sandbox, self.program(code, "\n".join(asserts)))
        return [text for text, outcome in zip(asserts, again.tests, strict=False) if outcome.outcome == "passed"]


_LONGEST_VALUE, _ROUNDING = 500, 1e-9
_MARK: Final = "value of a call: "
"""A call that raises has no value, and makes no test."""
_BEFORE: Final = "import sys as _sys\n"
_CALL: Final = f"""
try:
    _value = repr({{call}})
except Exception:
    _value = ""
_sys.stdout.write("\\n{_MARK}" + _value.replace("\\n", " ") + "\\n")
"""


def _assert_of(call: str, value: str) -> str | None:
    """None where the value cannot be written out and compared: an object, one that is very long, or one with fractions in it that may be rounded."""
    try:
        read = ast.literal_eval(value) if len(value) <= _LONGEST_VALUE else ...
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if read is ... or repr(read) != value:
        return None
    if isinstance(read, float):
        return f"assert abs({call} - {value}) <= {_ROUNDING} * max(1, abs({value}))"
    has_fractions = any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in ast.walk(ast.parse(value)))
    return None if has_fractions else f"assert {call} == {value}"
