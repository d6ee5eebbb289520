"""A sandbox for tests of what stands above it: it runs nothing, and gives the verdict that a function says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from operators.sandboxes import Language, Program, Verdict


def passes(program: Program) -> Verdict:
    """Every program passes, and prints 1."""
    return Verdict("passed", stdout="1\n", exit_status=0)


class ScriptedSandbox:
    """Gives each program the verdict `verdict(program)`, and keeps the programs."""

    def __init__(self, verdict: Callable[[Program], Verdict] = passes, max_in_flight: int = 8) -> None:
        self.verdict = verdict
        self.max_in_flight = max_in_flight
        self.programs: list[Program] = []

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ScriptedSandboxSession]:
        yield ScriptedSandboxSession(self)

    def run(self, programs: Sequence[Program]) -> list[Verdict]:
        self.programs += programs
        return [self.verdict(program) for program in programs]

    def languages(self) -> tuple[Language, ...]:
        return ("python",)


class ScriptedSandboxSession:
    """One stage's use of it."""

    def __init__(self, sandbox: ScriptedSandbox) -> None:
        self._sandbox = sandbox
        self.max_in_flight = sandbox.max_in_flight

    async def run(self, program: Program) -> Verdict:
        return self._sandbox.run([program])[0]
