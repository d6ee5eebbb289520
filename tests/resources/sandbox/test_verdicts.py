"""Each kind of verdict, on programs that mean no harm."""

from __future__ import annotations

import pytest

from operators.sandboxes import Exchange, Limits, Program, Suite, Test, suite_of
from tests.resources.sandbox.conftest import Judge

INCREMENT = "def increment(n):\n    return n + 1\n"


def test_a_right_program_passes_each_test(judge: Judge) -> None:
    verdict = judge(Program(INCREMENT, suite=suite_of("assert increment(1) == 2\nassert increment(-1) == 0\n")))
    assert (verdict.kind, verdict.reason) == ("passed", "")
    assert [test.outcome for test in verdict.tests] == ["passed", "passed"]
    assert verdict.passed_share == 1


def test_a_wrong_program_fails_with_the_test_and_what_came_instead(judge: Judge) -> None:
    verdict = judge(Program(INCREMENT, suite=suite_of("assert increment(1) == 2\nassert increment(1) == 3\nassert increment(2) == 3\n")))
    assert verdict.kind == "failed"
    assert [test.outcome for test in verdict.tests] == ["passed", "failed", "passed"]
    assert verdict.failed_test is not None
    assert "2, not 3" in verdict.failed_test.message


def test_after_the_first_failure_the_other_tests_can_be_left_out(judge: Judge) -> None:
    suite = suite_of("assert increment(1) == 3\nassert increment(1) == 2\n", stop_at_first_failure=True)
    assert [test.outcome for test in judge(Program(INCREMENT, suite=suite)).tests] == ["failed", "not_run"]


@pytest.mark.parametrize("code", ["def f(:\n", "return 1", "x = (1,\n", "print 'a'", "a\0b", "(" * 5000, "\ud800"])
def test_what_is_no_program_is_a_syntax_error(judge: Judge, code: str) -> None:
    assert judge(Program(code, suite=suite_of("assert True"))).kind == "syntax_error"
    assert judge(Program(code)).kind == "syntax_error"


def test_an_exchange_passes_by_what_is_printed(judge: Judge) -> None:
    suite = Suite((Exchange("3", "6"), Exchange("4\n", "8\n\n"), Exchange("5", "11")))
    verdict = judge(Program("print(int(input()) * 2, ' ')", suite=suite))
    assert verdict.kind == "failed"
    assert [test.outcome for test in verdict.tests] == ["passed", "passed", "failed"]
    assert "'10'" in verdict.reason


def test_tests_and_exchanges_of_one_program_give_one_verdict(judge: Judge) -> None:
    code = INCREMENT + "if __name__ == '__main__':\n    print(increment(int(input())))\n"
    verdict = judge(Program(code, suite=Suite((Test("assert increment(0) == 1"), Exchange("1", "2"), Test("assert increment(5) == 6")))))
    assert verdict.kind == "passed"
    assert len(verdict.tests) == 3


def test_a_program_without_tests_passes_when_it_ends_with_status_0(judge: Judge) -> None:
    assert judge(Program("print('a', 'b')")).stdout == "a b\n"
    failed = judge(Program("import sys\nsys.exit(3)"))
    assert (failed.kind, failed.exit_status) == ("failed", 3)
    assert "ZeroDivisionError" in judge(Program("1/0")).reason


def test_input_files_and_arguments_are_there(judge: Judge) -> None:
    code = "import sys, helper\nprint(input(), sys.argv[1], open('data/a.txt').read(), helper.NAME)"
    verdict = judge(Program(code, stdin="in", arguments=("arg",), files={"data/a.txt": "file", "helper.py": b"NAME = 'helper'"}))
    assert verdict.stdout == "in arg file helper\n"


def test_limits_have_verdicts_of_their_own(judge: Judge) -> None:
    short, small = Limits(seconds=0.5), Limits(seconds=60, memory_mb=100, output_kb=10)
    assert judge(Program("while True: pass", limits=short)).kind == "timeout"
    assert judge(Program("a = bytearray(200_000_000)", limits=small)).kind == "out_of_memory"
    assert judge(Program("print('a' * 100_000)", limits=small)).kind == "output_limit"
    assert judge(Program("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")).kind == "killed"
    suite = suite_of("f()")
    assert judge(Program("def f():\n    while True: pass", suite=suite, limits=short)).kind == "timeout"
    assert judge(Program("def f(): return len(bytearray(200_000_000))", suite=suite, limits=small)).kind == "out_of_memory"
    assert judge(Program("def f(): print('a' * 100_000)", suite=suite, limits=small)).kind == "output_limit"
    assert judge(Program("def f():\n    import os\n    os.kill(os.getpid(), 11)", suite=suite)).kind == "killed"


def test_what_cannot_be_run_is_refused(judge: Judge) -> None:
    assert judge(Program("a", language="cobol")).kind == "refused"  # type: ignore[arg-type]
    assert judge(Program("a", files={"../a": ""})).kind == "refused"
    assert judge(Program("a", files={"/etc/a": ""})).kind == "refused"
    assert judge(Program("#" * 5_000_000)).kind == "refused"
    assert judge(Program("a", limits=Limits(seconds=float("inf")))).kind == "refused"


def test_a_program_that_raises_before_its_tests_says_what_and_where(judge: Judge) -> None:
    verdict = judge(Program("x = 1\ny = x / 0\n", suite=suite_of("assert x == 1")))
    assert verdict.kind == "failed"
    assert "ZeroDivisionError" in verdict.reason
    assert "line 2" in verdict.reason
    assert [test.outcome for test in verdict.tests] == ["not_run"]


def test_the_same_program_does_the_same_again(judge: Judge) -> None:
    program = Program("print({'a', 'b', 'c', 'd', 'e'}, hash('a'))")
    assert judge(program).stdout == judge(program).stdout
