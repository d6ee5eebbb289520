"""What operators see of a sandbox: programs with their tests, verdicts, and the protocol that `resources/sandbox` keeps.

Code that a model or a data set wrote is never run outside one.
"""

from operators.sandboxes.parsing import parse_python
from operators.sandboxes.program import Exchange, Language, Limits, Program, Suite, Test
from operators.sandboxes.sandbox import Sandbox, SandboxSession, SandboxUnavailable
from operators.sandboxes.test_code import suite_of
from operators.sandboxes.verdict import Outcome, TestOutcome, Verdict, VerdictKind

__all__ = [
    "Exchange",
    "Language",
    "Limits",
    "Outcome",
    "Program",
    "Sandbox",
    "SandboxSession",
    "SandboxUnavailable",
    "Suite",
    "Test",
    "TestOutcome",
    "Verdict",
    "VerdictKind",
    "parse_python",
    "suite_of",
]
