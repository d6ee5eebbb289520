"""Programs and their tests in the real sandbox: verdicts, and suites that are tested themselves."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import pytest

from operators.bases.tested_programs import UnreadableTests
from operators.code.running.reference import ReferenceTestsEvaluator
from operators.code.running.stubs import stub_of
from operators.code.running.suites import ProvenSuiteFilter, TestSuiteEvaluator
from operators.code.running.verdicts import PassesTestsFilter, ProgramEvaluator
from operators.sandboxes import Program, Verdict
from tests.faults import fault

EVENS = "def evens(n):\n    total = 0\n    for i in range(n):\n        if i % 2 == 0:\n            total += i\n    return total\n"
GOOD = "assert evens(5) == 6\nassert evens(0) == 0\nassert evens(7) == 12\nassert evens(1) == 0"


@dataclass
class Scripted:
    """Keeps what it was given to run, and answers by a function."""

    verdict: Any
    max_in_flight: int = 8
    programs: list[Program] = field(default_factory=list)

    async def run(self, program: Program) -> Verdict:
        self.programs.append(program)
        return self.verdict(program)  # type: ignore[no-any-return]


@fault("[verified] PASS says little: function definitions without calls and anything under a __main__ guard (name is builtins there) are never run")
def test_passing_means_that_every_test_passed(sandbox: Any, ran: Any) -> None:
    guarded = "if __name__ == '__main__':\n    raise SystemExit(3)\n"
    rows = [
        {"code": EVENS, "tests": GOOD},
        {"code": EVENS, "tests": "assert evens(5) == 7"},
        {"code": guarded, "tests": None},
        {"code": "def f(:", "tests": ""},
    ]
    found, _ = ran(ProgramEvaluator(), rows, sandbox=sandbox)
    assert [row["verdict"] for row in found] == ["passed", "failed", "failed", "syntax_error"]
    assert [row["tests_passed"] for row in found] == [1.0, 0.0, 0.0, 0.0]
    assert "6, not 7" in found[1]["verdict_reason"]
    kept, aside = ran(PassesTestsFilter(), rows, sandbox=sandbox)
    assert [row["tests"] for row in kept] == [GOOD]
    assert [row["rejected_reason"].split(":")[0] for row in aside] == ["failed", "it has no tests", "it has no tests"]


@fault(
    "[verified] no isolation at all: snippets write files, read the process environment (where API keys live) and start subprocesses "
    "with the user's rights"
)
@fault("no memory, CPU or output limit; input() blocks until timeout")
def test_programs_see_nothing_of_this_machine_and_have_limits(sandbox: Any, ran: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-of-ours")
    target = tmp_path / "written"
    programs = {
        "environment": "import os\nprint(os.environ.get('OPENAI_API_KEY'))",
        "file": f"open({str(target)!r}, 'w').write('x')",
        "memory": "x = bytearray(4_000_000_000)",
        "output": "while True:\n    print('x' * 1000)",
        "input": "input()",
    }
    found, _ = ran(ProgramEvaluator(max_seconds=5), [{"code": code} for code in programs.values()], sandbox=sandbox)
    verdicts = dict(zip(programs, found, strict=True))
    assert verdicts["environment"]["printed"].strip() == "None"
    assert verdicts["file"]["verdict"] == "failed"
    assert not target.exists()
    assert verdicts["memory"]["verdict"] in ("failed", "out_of_memory")
    assert verdicts["output"]["verdict"] == "output_limit"
    assert (verdicts["input"]["verdict"], "EOF" in verdicts["input"]["verdict_reason"]) == ("failed", True)
    assert os.environ["OPENAI_API_KEY"] == "a-key-of-ours"


@fault("[verified] an endless loop with a 3 s limit costs 13 s; sys.exit(0) kills the worker and is reported as FAIL Timeout after 8 s")
def test_an_endless_loop_ends_at_its_limit_and_an_exit_is_told_as_one(sandbox: Any, ran: Any) -> None:
    rows = [{"code": "while True: pass"}, {"code": "import sys\nsys.exit(0)"}, {"code": "import sys\nsys.exit(0)", "tests": "assert f() == 1"}]
    found, _ = ran(ProgramEvaluator(max_seconds=1), rows, sandbox=sandbox)
    assert [row["verdict"] for row in found] == ["timeout", "passed", "failed"]


@fault("language parameter has no effect")
def test_other_languages_are_run_by_their_own_tools(sandbox: Any, ran: Any) -> None:
    if "bash" not in sandbox.languages():
        pytest.skip("there is no bash here")
    found, aside = ran(ProgramEvaluator(language="bash"), [{"code": "echo $((6 * 7))"}, {"code": "exit 3"}], sandbox=sandbox)
    if aside:
        pytest.skip(aside[0]["rejected_reason"])
    assert [row["verdict"] for row in found] == ["passed", "failed"]
    assert found[0]["printed"].strip() == "42"


@fault("strictly serial, new process per row")
def test_many_programs_are_under_way_at_once(ran: Any) -> None:
    import asyncio

    class Waiting(Scripted):
        at_once, most = 0, 0

        async def run(self, program: Program) -> Verdict:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            await asyncio.sleep(0.01)
            self.at_once -= 1
            return Verdict("passed")

    waiting = Waiting(None)
    rows, _ = ran(ProgramEvaluator(), [{"code": f"x = {number}"} for number in range(16)], sandbox=_as_sandbox(waiting))
    assert len(rows) == 16
    assert waiting.most > 1


def test_a_suite_is_tested_by_the_program_by_a_stub_and_by_mutants(sandbox: Any, ran: Any) -> None:
    suites = {
        "good": GOOD,
        "weak": "assert evens(1) == 0",
        "wrong": "assert evens(5) == 7",
        "empty": "",
        "calls only": "evens(3)",
        "broken": "assert evens(",
    }
    found, _ = ran(TestSuiteEvaluator(), [{"code": EVENS, "tests": tests} for tests in suites.values()], sandbox=sandbox)
    told = dict(zip(suites, found, strict=True))
    assert told["good"]["suite_fault"] == ""
    assert told["good"]["killed_share"] >= 0.9
    assert told["good"]["survivors"] == ["for i in range(n): -> for i in range(n + 1):"]
    assert told["weak"]["killed_share"] < told["good"]["killed_share"]
    assert told["wrong"]["suite_fault"].startswith("the program does not pass: failed: assert evens(5) == 7")
    assert told["empty"]["suite_fault"] == "it has no tests"
    assert told["calls only"]["suite_fault"] == "a stub whose functions return None passes"
    assert told["broken"]["suite_fault"].startswith("the tests are not valid Python")
    assert all(told[name]["killed_share"] is None for name in ("wrong", "empty", "calls only", "broken"))
    kept, aside = ran(ProvenSuiteFilter(min_killed=0.9), found)
    assert [row["tests"] for row in kept] == [GOOD]
    assert any("of the mutants, below min_killed = 90%" in row["rejected_reason"] for row in aside)


def test_of_the_tests_those_stay_that_hold_for_the_reference(ran: Any, sandbox: Any) -> None:
    rows = [
        {
            "code": EVENS,
            "tests": "import math\nassert evens(5) == 6\nassert evens(5) == 7\nassert evens(unknown) == 0\nassert evens(math.ceil(4.5)) == 6",
        },
        {"code": EVENS, "tests": "assert evens(1) == 1"},
        {"code": EVENS, "tests": "assert evens("},
        {"code": EVENS, "tests": None},
        {"code": "while True: pass", "tests": "assert evens(5) == 6"},
    ]
    found, _ = ran(ReferenceTestsEvaluator(max_seconds=2, variations=0), rows, sandbox=sandbox)
    assert [row["held_count"] for row in found] == [2, 0, 0, 0, 0]
    assert found[0]["held_tests"] == "import math\nassert evens(5) == 6\nassert evens(math.ceil(4.5)) == 6"
    assert "evens(5) == 7" in found[0]["reference_fault"]
    assert found[1]["held_tests"] == ""
    assert [row["reference_fault"][:14] for row in found[2:4]] == ["the tests are ", "there are no t"]


def test_further_calls_are_added_with_what_the_reference_returns(ran: Any, sandbox: Any) -> None:
    scale = "def scale(share):\n    return round(255 * share)\n"
    half = "def half(number):\n    return number / 3\n"
    noise = "import os\ndef noise(number):\n    return os.urandom(4).hex()\n"
    rows = [
        {"code": scale, "tests": "assert scale(0.0) == 0\nassert scale(0.5) == 128\nassert scale(1.0) == 255"},
        {"code": half, "tests": "assert half(3) == 1"},
        {"code": noise, "tests": "assert noise(3) != 7\nassert noise(number=3) == noise(3) or True"},
        {"code": "def text(word):\n    return word\nclass A: pass\ndef thing(n):\n    return A()\n", "tests": "assert thing(3) == None or True"},
    ]
    found, _ = ran(ReferenceTestsEvaluator(max_seconds=2, seed=1), rows, sandbox=sandbox)
    assert [row["held_count"] for row in found] == [3, 1, 2, 1]
    more = [row["held_tests"].splitlines()[row["held_count"] :] for row in found]
    assert len(more[0]) >= 3
    assert all("<= 1e-09 * max(1" in text for text in more[1])
    assert [row["varied_count"] for row in found] == [len(lines) for lines in more]
    assert more[2:] == [[], []], "what chance decides, and objects, cannot be compared"
    programs = [{"code": code, "tests": found[0]["held_tests"]} for code in (scale, "def scale(share):\n    return 255 * round(share)\n")]
    wrong = {"code": programs[1]["code"], "tests": "assert scale(0.0) == 0\nassert scale(1.0) == 255"}
    kept, _ = ran(PassesTestsFilter(), [*programs, wrong], sandbox=sandbox)
    assert [row["code"] for row in kept] == [scale, wrong["code"]]


def test_a_program_that_hardly_anything_could_break_proves_little(ran: Any) -> None:
    rows = [{"suite_fault": "", "killed_share": 1.0, "mutants": mutants} for mutants in (1, 3)]
    kept, aside = ran(ProvenSuiteFilter(), rows)
    assert [row["mutants"] for row in kept] == [3]
    assert "it has 1 mutant, below min_mutants = 3" in aside[0]["rejected_reason"]
    assert len(ran(ProvenSuiteFilter(min_mutants=1), rows)[0]) == 2


def test_a_suite_that_depends_on_chance_is_found_out_by_running_it_again(ran: Any) -> None:
    runs: dict[str, int] = {}

    def verdict(program: Program) -> Verdict:
        runs[program.code] = runs.get(program.code, 0) + 1
        if program.code != EVENS:
            return Verdict("failed", "it does nothing")
        return Verdict("passed") if runs[EVENS] != 2 else Verdict("failed", "not today")

    sandbox = Scripted(verdict)
    rows, _ = ran(TestSuiteEvaluator(runs=3), [{"code": EVENS, "tests": GOOD}], sandbox=_as_sandbox(sandbox))
    assert rows[0]["suite_fault"] == "the program passes once, and does not in run 2: failed: not today"
    assert runs[EVENS] == 3
    assert set(runs) == {EVENS, stub_of(EVENS)}  # no mutant was run


def test_mutants_run_as_long_as_the_program_needs_and_no_test_after_the_first_that_fails(ran: Any) -> None:
    def verdict(program: Program) -> Verdict:
        return Verdict("passed", seconds=0.5) if program.code == EVENS else Verdict("failed", "noticed")

    sandbox = Scripted(verdict)
    rows, _ = ran(TestSuiteEvaluator(mutants=6, max_seconds=30), [{"code": EVENS, "tests": GOOD}], sandbox=_as_sandbox(sandbox))
    assert (rows[0]["killed_share"], rows[0]["mutants"]) == (1.0, 6)
    mutants = [program for program in sandbox.programs if program.code not in (EVENS, stub_of(EVENS))]
    assert {program.limits.seconds for program in mutants} == {5.0}
    assert all(program.suite.stop_at_first_failure for program in sandbox.programs)


def test_a_program_that_was_not_run_is_set_aside_as_unknown(ran: Any) -> None:
    refusing = _as_sandbox(Scripted(lambda program: Verdict("refused", "java is not here")))
    for operator in (ProgramEvaluator(), PassesTestsFilter(), TestSuiteEvaluator()):
        kept, aside = ran(operator, [{"code": EVENS, "tests": GOOD}], sandbox=refusing)
        assert kept == []
        assert (aside[0]["rejected_as"], aside[0]["rejected_reason"]) == ("failed", "refused: java is not here")


def test_tests_may_be_a_list_and_nothing_else_is_taken_for_tests() -> None:
    suite = ProgramEvaluator().suite(["assert f() == 1", "assert f() == 2"])
    assert [test.code for test in suite.tests] == ["assert f() == 1", "assert f() == 2"]
    with pytest.raises(UnreadableTests, match="neither a text nor a list"):
        ProgramEvaluator().suite({"a": 1})


def test_a_stub_has_the_same_functions_and_does_nothing() -> None:
    names: dict[str, Any] = {}
    exec(stub_of("import os\nLIMIT = 3\nclass A:\n    def f(self, x=1):\n        return x\ndef g(y):\n    '''Doc.'''\n    return y\n"), names)
    assert (names["A"]().f(), names["g"](2), names["LIMIT"]) == (None, None, 3)


def _as_sandbox(session: Scripted) -> Any:
    from contextlib import asynccontextmanager

    class Sandbox:
        @asynccontextmanager
        async def session(self) -> Any:
            yield session

        def run(self, programs: Any) -> list[Verdict]:
            return [session.verdict(program) for program in programs]

        def languages(self) -> tuple[str, ...]:
            return ("python",)

    return Sandbox()


@pytest.mark.parametrize(
    "tests",
    [
        "assert double(0) == 0\nif __name__ == '__main__':\n    assert double(3) == 6",
        "assert double(0) == 0\ndef test_double(candidate):\n    assert candidate(3) == 6\ntest_double(double)",
        ["def test_double():\n    assert double(3) == 6"],
        "import unittest\nclass T(unittest.IsolatedAsyncioTestCase):\n    async def test_double(self):\n        self.assertEqual(double(3), 6)",
    ],
)
def test_no_test_is_left_out_whatever_calls_it(sandbox: Any, ran: Any, tests: Any) -> None:
    rows = [{"code": f"def double(n):\n    return {body}", "tests": tests} for body in ("2 * n", "n * n")]
    kept, _ = ran(PassesTestsFilter(), rows, sandbox=sandbox)
    assert [row["code"] for row in kept] == ["def double(n):\n    return 2 * n"]


def test_tests_that_run_nothing_are_not_taken_for_none(sandbox: Any, ran: Any) -> None:
    rows = [{"code": "def f(): return 1", "tests": tests} for tests in ("def check(candidate):\n    assert candidate() == 2", None)]
    kept, aside = ran(PassesTestsFilter(needs_tests=False), rows, sandbox=sandbox)
    assert [row["tests"] for row in kept] == [None]
    assert "run nothing" in aside[0]["rejected_reason"]
