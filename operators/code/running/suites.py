"""Tests that are tested themselves: a suite proves something where the solution passes it, and programs that are wrong do not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from pydantic import Field

from operators.bases.tested_programs import TestsPrograms, UnreadableTests
from operators.code.mutants import mutants_of
from operators.code.running.stubs import stub_of
from operators.core.kinds import Evaluate, Filter
from operators.sandboxes import Program, SandboxSession, Verdict
from operators.tables.columns import Input, Output

_SHORTEST_LIMIT = 2.0
_TIMES_AS_LONG = 10.0


class TestSuiteEvaluator(Evaluate, TestsPrograms):
    """Test the tests of a Python program, in a sandbox: what is wrong with the suite, and the share of the program's mutants that it kills.

    In this order: there are tests; the program passes them, `runs` times; a stub whose functions return None fails; of up to `mutants` programs with
    one fault each (see `MutantGenerator`) so many fail. A mutant is also killed when it runs much longer than the program, or over its memory. Some
    mutants do what the program does, so that hardly a suite kills all. Where something is wrong before, no mutants are run and the share is null.
    """

    __test__ = False  # pytest takes classes of this name for its own

    source = "Mutation analysis (DeMillo, Lipton and Sayward 1978); EvalPlus (Liu et al. 2023)"
    asks = ("are the unit tests worth anything", "mutation score of generated tests", "find tests that pass on any code")

    input_code = Input(str)
    input_tests = Input(Any, nulls="pass", description="asserts or test functions as one text, or a list of asserts")
    output_fault = Output(str, "suite_fault", description="what is wrong with the suite or with the program; empty where nothing is")
    output_killed_share = Output(float, "killed_share", description="mutants killed over mutants, 0 to 1; null where the suite has a fault")
    output_mutants = Output(int, "mutants", description="how many were run")
    output_survivors = Output(list[str], "survivors", description="the changes that no test noticed: the line before and after")

    runs: int = Field(3, ge=1, le=20, description="How often the program has to pass: a test that depends on chance or time fails once.")
    mutants: int = Field(20, ge=1, le=500, description="At most so many, drawn from all with `seed`.")
    seed: int = 0

    async def evaluate(self, sandbox: SandboxSession, code: str, tests: Any) -> dict[str, Any]:
        try:
            whole = self.program(code, tests, stop_at_first_failure=True)
        except UnreadableTests as error:
            return {"fault": str(error), "killed_share": None, "mutants": 0, "survivors": []}
        fault, seconds = await self._fault(sandbox, whole)
        if fault:
            return {"fault": fault, "killed_share": None, "mutants": 0, "survivors": []}
        limits = replace(whole.limits, seconds=min(self.max_seconds, max(_SHORTEST_LIMIT, _TIMES_AS_LONG * seconds)))
        drawn = mutants_of(code, self.mutants, self.seed)
        verdicts = await asyncio.gather(*(self.verdict_on(sandbox, replace(whole, code=mutant.source, limits=limits)) for mutant in drawn))
        survivors = [mutant.change for mutant, verdict in zip(drawn, verdicts, strict=True) if verdict.passed]
        if not drawn:
            return {"fault": "the program has nothing that a mutant could change", "killed_share": None, "mutants": 0, "survivors": []}
        return {"fault": "", "killed_share": 1 - len(survivors) / len(drawn), "mutants": len(drawn), "survivors": survivors}

    async def _fault(self, sandbox: SandboxSession, program: Program) -> tuple[str, float]:
        """What is wrong before any mutant is run, "" where nothing is; and the seconds of the longest run."""
        if not program.suite.tests:
            return "it has no tests", 0.0
        first = await self.verdict_on(sandbox, program)
        if not first.passed:
            return f"the program does not pass: {_said(first)}", 0.0
        stub = await self.verdict_on(sandbox, replace(program, code=stub_of(program.code)))
        if stub.passed:
            return "a stub whose functions return None passes", 0.0
        others = await asyncio.gather(*(self.verdict_on(sandbox, program) for _ in range(self.runs - 1)))
        for number, verdict in enumerate(others, 2):
            if not verdict.passed:
                return f"the program passes once, and does not in run {number}: {_said(verdict)}", 0.0
        return "", max(verdict.seconds for verdict in (first, *others))


def _said(verdict: Verdict) -> str:
    return f"{verdict.kind}: {verdict.reason}" if verdict.reason else verdict.kind


class ProvenSuiteFilter(Filter):
    """Keep programs with a suite of tests that was tested: no fault, and of at least `min_mutants` mutants at least `min_killed` killed. Reads what
    `TestSuiteEvaluator` makes."""

    source = "Mutation analysis (DeMillo, Lipton and Sayward 1978)"
    asks = ("keep rows whose tests catch bugs", "minimum mutation score", "verified solutions with trustworthy tests")

    input_fault = Input(str, "suite_fault")
    input_killed_share = Input(float, "killed_share", nulls="pass")
    input_mutants = Input(int, "mutants", optional=True, nulls="pass")

    min_killed: float = Field(0.7, ge=0, le=1, description="Mutants killed over mutants.")
    min_mutants: int = Field(3, ge=1, description="A program that so few changes could break does next to nothing: killing them proves little.")

    def keep(self, fault: str, killed_share: float | None, mutants: int | None = None) -> tuple[bool, str | None]:
        if fault:
            return False, fault
        if mutants is not None and mutants < self.min_mutants:
            return False, f"it has {mutants} mutant{'s' * (mutants != 1)}, below min_mutants = {self.min_mutants}"
        if killed_share is None:
            return False, "nobody knows how many mutants its tests kill"
        killed = _percent(killed_share, self.min_killed)
        return killed_share >= self.min_killed, f"its tests kill {killed} of the mutants, below min_killed = {self.min_killed:.0%}"


def _percent(share: float, limit: float) -> str:
    """With as many digits as it takes to read as less than the limit."""
    return next((text for digits in range(4) if float((text := f"{share:.{digits}%}").rstrip("%")) < 100 * limit), f"{share:%}")
