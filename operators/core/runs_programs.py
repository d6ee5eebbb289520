"""What all operators that run code share: the sandbox that they need, and the limits of what they run."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from operators.core.operator import Need, Operator
from operators.sandboxes import Limits, Program, SandboxSession, Verdict
from operators.tables.errors import RowFailed


class RunsPrograms(Operator, abstract=True):
    """An operator whose function is asynchronous and is given a `SandboxSession`, as `sandbox`, for what it runs.

    Stand it beside the kind: `class CodePasses(Filter, RunsPrograms)` with `async def keep(self, sandbox, code, tests)`.
    One that asks a model too says `needs = ("llm", "sandbox")`.
    """

    needs: ClassVar[tuple[Need, ...]] = ("sandbox",)

    sandbox: str = Field("sandbox", description="Name of the sandbox resource.")
    max_seconds: float = Field(10.0, gt=0, le=3600, description="Longest run of one program with its tests, in seconds.")
    max_memory_mb: int = Field(512, ge=64, description="Most memory of one program, in megabytes.")

    def limits(self) -> Limits:
        return Limits(seconds=self.max_seconds, memory_mb=self.max_memory_mb)

    async def verdict_on(self, sandbox: SandboxSession, program: Program) -> Verdict:
        """What became of a program.

        Raises:
            RowFailed: it was not run ("refused: ..."), which says nothing of the program.
        """
        verdict = await sandbox.run(program)
        if verdict.kind == "refused":
            raise RowFailed(f"refused: {verdict.reason}")
        return verdict
