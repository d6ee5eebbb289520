"""A pipeline that keeps the code that passes its tests."""

from __future__ import annotations

from operators import Filter, Handle, Input, Pipeline
from operators.core.runs_programs import RunsPrograms
from operators.sandboxes import Program, SandboxSession, suite_of


class PassingCode(Filter, RunsPrograms):
    """Keep code that passes its tests."""

    input_code = Input(str)
    input_tests = Input(str)

    async def keep(self, sandbox: SandboxSession, code: str, tests: str) -> tuple[bool, str]:
        verdict = await self.verdict_on(sandbox, Program(code, suite=suite_of(tests), limits=self.limits()))
        return verdict.passed, f"{verdict.kind}: {verdict.reason}"


class ProvingPipeline(Pipeline):
    """Keep the code that passes."""

    expects = {"code": str, "tests": str}

    def __init__(self) -> None:
        self.passing = PassingCode(max_seconds=5)

    def forward(self, rows: Handle) -> Handle:
        return self.passing(rows)
