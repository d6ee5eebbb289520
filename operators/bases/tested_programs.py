"""Programs with their tests, as operators give them to a sandbox."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.core.runs_programs import RunsPrograms
from operators.sandboxes import Language, Program, Suite, Test, suite_of


class UnreadableTests(ValueError):
    """What was given as tests is none."""


class TestsPrograms(RunsPrograms, abstract=True):
    """What is run: the program of a row, with the tests of the row."""

    __test__ = False  # pytest takes classes of this name for its own

    language: Language = Field("python", description="What the programs are written in.")

    def program(self, code: str, tests: Any, **changed: Any) -> Program:
        """The program with its suite.

        Raises:
            UnreadableTests: the tests cannot be read, or run nothing.
        """
        suite = self.suite(tests, changed.pop("stop_at_first_failure", False))
        return Program(code, self.language, suite, limits=changed.pop("limits", self.limits()), **changed)

    def suite(self, tests: Any, stop_at_first_failure: bool = False) -> Suite:
        """Tests as one text or as a list of them; none for null, for a blank text and for an empty list."""
        if not tests or (isinstance(tests, str) and not tests.strip()):
            return Suite()
        if not isinstance(tests, str) and not (isinstance(tests, list) and all(isinstance(test, str) for test in tests)):
            raise UnreadableTests("the tests are neither a text nor a list of texts")
        if self.language != "python":
            return Suite(tuple(Test(test) for test in ([tests] if isinstance(tests, str) else tests)), stop_at_first_failure=stop_at_first_failure)
        try:
            suite = suite_of(tests, stop_at_first_failure=stop_at_first_failure)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise UnreadableTests(f"the tests are not valid Python: {error}") from error
        if not suite.tests:
            raise UnreadableTests("the tests run nothing, so they prove nothing: is a call missing, such as check(FUNCTION)?")
        return suite
