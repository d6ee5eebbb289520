"""What became of a program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

VerdictKind: TypeAlias = Literal[
    "passed",  # it ended by itself with status 0, and every test passed
    "failed",  # a test failed, or it ended with another status, or before its tests did
    "syntax_error",  # it is not a program of its language, or does not compile
    "timeout",  # over `Limits.seconds`
    "out_of_memory",  # over `Limits.memory_mb`
    "killed",  # a signal ended it: its own, or one of the system for what it must not do
    "output_limit",  # over `Limits.output_kb`
    "refused",  # it was not run: its language is not there, it is too large, there is no sandbox
]

Outcome: TypeAlias = Literal["passed", "failed", "not_run"]


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What became of one test."""

    name: str
    """Its name, or "test 3", counted from 1."""
    outcome: Outcome
    message: str = ""
    """Why it failed: the error with its line, or what was printed instead."""

    __test__ = False  # pytest takes classes of this name for its own


@dataclass(frozen=True, slots=True)
class Verdict:
    """It comes from outside the program: nothing that the program prints, returns, raises or writes can make it "passed"."""

    kind: VerdictKind
    reason: str = ""
    """One sentence; empty when it passed."""
    tests: tuple[TestOutcome, ...] = ()
    """One for each test of the suite, in their order; empty when it was refused."""
    stdout: str = ""
    """At most `Limits.output_kb`; what is not UTF-8 is replaced."""
    stderr: str = ""
    exit_status: int | None = None
    """None where it did not end by itself."""
    seconds: float = 0.0
    """Wall time."""
    processor_seconds: float = 0.0
    """Time of the processor, of all its processes that ended by themselves, and of what starts them and looks after them."""
    memory_mb: float = 0.0
    """The most that was seen of all its processes at once."""

    @property
    def passed(self) -> bool:
        return self.kind == "passed"

    @property
    def failed_test(self) -> TestOutcome | None:
        """The first that failed."""
        return next((test for test in self.tests if test.outcome == "failed"), None)

    @property
    def passed_share(self) -> float:
        """Tests passed over tests; 1.0 or 0.0 for a program without tests."""
        if not self.tests:
            return float(self.passed)
        return sum(test.outcome == "passed" for test in self.tests) / len(self.tests)
