"""The protocol that sandboxes keep."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from operators.sandboxes.program import Language, Program
from operators.sandboxes.verdict import Verdict
from operators.tables.errors import StageFailed


class SandboxUnavailable(StageFailed):
    """No isolation is to be had here. The message says what is missing and the command that installs it."""


class SandboxSession(Protocol):
    """A sandbox opened for one stage, inside one event loop."""

    max_in_flight: int
    """How many programs are run at once; more may be awaited, and wait their turn."""

    async def run(self, program: Program) -> Verdict:
        """What became of a program. It raises nothing for what a program does; cancelling the call kills the program."""
        ...


@runtime_checkable
class Sandbox(Protocol):
    """Runs programs that nobody trusts."""

    def session(self) -> AbstractAsyncContextManager[SandboxSession]:
        """Start what runs programs, for as long as the context lasts. At its end nothing of it is left.

        Raises:
            SandboxUnavailable: on entering.
        """
        ...

    def run(self, programs: Sequence[Program]) -> list[Verdict]:
        """The verdicts on programs, in their order; many are run at once."""
        ...

    def languages(self) -> tuple[Language, ...]:
        """Those whose compiler or interpreter is there."""
        ...
