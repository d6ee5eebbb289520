"""Tests as people and models write them become single tests."""

from __future__ import annotations

import pytest

from operators.sandboxes import Suite, Test, suite_of


def names(suite: Suite) -> list[str]:
    return [test.name for test in suite.tests]


def test_each_assert_is_a_test_with_what_stands_before_it() -> None:
    suite = suite_of("import math\nstack = Stack()\nassert stack.pop() is None\nstack.push(1)\nassert stack.pop() == 1\n")
    assert suite.setup == "import math"
    assert [test.code for test in suite.tests if isinstance(test, Test)] == [
        "stack = Stack()\nassert stack.pop() is None",
        "stack.push(1)\nassert stack.pop() == 1",
    ]


def test_test_functions_are_tests_and_their_helpers_are_not() -> None:
    suite = suite_of(
        "LIMIT = 3\ndef check(value):\n    assert value\ndef test_low():\n    check(low(LIMIT))\nasync def test_slow():\n    await slow()\n"
    )
    assert names(suite) == ["test_low", "test_slow"]
    assert "LIMIT = 3" in suite.setup
    assert "def check" in suite.setup


def test_a_loop_with_asserts_is_one_test() -> None:
    assert len(suite_of("for n in range(3):\n    assert double(n) == 2 * n\n").tests) == 1


def test_methods_of_a_test_case_are_tests_and_its_main_is_left_out() -> None:
    suite = suite_of(
        "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\nif __name__ == '__main__':\n    unittest.main()\n"
    )
    assert names(suite) == ["T.test_a"]
    assert "main" not in suite.setup


def test_code_without_asserts_is_one_test() -> None:
    suite = suite_of("def check(candidate):\n    assert candidate(1) == 2\ncheck(increment)\n")
    assert [test.code for test in suite.tests if isinstance(test, Test)] == ["check(increment)"]


def test_a_list_gives_a_test_for_each() -> None:
    assert names(suite_of(["assert f(1) == 1", "x = 2\nassert f(x) == 2"])) == ["assert f(1) == 1", "assert f(x) == 2"]


def test_what_is_no_python_is_said() -> None:
    with pytest.raises(SyntaxError):
        suite_of("assert f(1 ==")


@pytest.mark.parametrize(
    "code",
    [
        "METADATA = {'author': 'somebody'}\ndef check(candidate):\n    assert candidate(2) == 4\n",
        "x = 1",
        "pass",
        '"""What these tests are for."""',
        "import math\nLIMIT: int = 3",
        ["x = 1", "pass"],
    ],
)
def test_code_that_runs_nothing_tests_nothing(code: str | list[str]) -> None:
    assert suite_of(code).tests == ()


@pytest.mark.parametrize("code", ["print(square(2))", "if square(2) != 4:\n    raise ValueError", "for n in range(3):\n    square(n)", ["square(2)"]])
def test_code_without_asserts_that_runs_something_is_a_test(code: str | list[str]) -> None:
    assert len(suite_of(code).tests) == 1


GUARD = "if __name__ == '__main__':\n    "


@pytest.mark.parametrize(
    ("code", "tests"),
    [
        (f"{GUARD}assert f(1) == 2", ["assert f(1) == 2"]),
        (f"assert f(0) == 0\n{GUARD}assert f(1) == 2", ["assert f(0) == 0", "assert f(1) == 2"]),
        (f"def main():\n    assert f(1) == 2\n{GUARD}main()", ["main()"]),
        ("def test_f(candidate):\n    assert candidate(1) == 2\ntest_f(f)", ["test_f(f)"]),
        (f"def test_f():\n    assert f(1) == 2\n{GUARD}test_f()", ["test_f()"]),
        (f"import sys, pytest\ndef test_f():\n    assert f(1) == 2\n{GUARD}sys.exit(pytest.main([__file__]))", ["test_f()"]),
        (
            f"from unittest import TestCase, main\nclass T(TestCase):\n    def test_a(self):\n        f()\n{GUARD}main()",
            ["T.setUpClass()\nT('test_a').debug()"],
        ),
        ("def test_f(fixture):\n    assert f(fixture) == 2", ["test_f()"]),
        ("if True:\n    def test_f():\n        assert f(1) == 2", []),
        (["def test_f():\n    assert f(1) == 2", "assert f(0) == 0"], ["test_f()", "assert f(0) == 0"]),
        (["import math", "x = 1", "assert f(x) == math.pi"], ["assert f(x) == math.pi"]),
        (["def check(candidate):\n    assert candidate(1) == 2"], []),
        (["assert f("], ["assert f("]),
    ],
)
def test_what_would_be_run_is_run_once(code: str | list[str], tests: list[str]) -> None:
    assert [test.code for test in suite_of(code).tests if isinstance(test, Test)] == tests


def test_what_a_list_says_before_its_tests_is_their_setup() -> None:
    assert suite_of(["import math", "x = 1", "assert f(x) == math.pi"]).setup == "import math\nx = 1"


def test_test_cases_inherit_and_wait() -> None:
    code = (
        "import unittest\nclass Base(unittest.TestCase):\n    def test_a(self):\n        f()\n"
        "class Other(Base):\n    async def test_b(self):\n        await f()\n"
        "class Waits(unittest.IsolatedAsyncioTestCase):\n    async def test_c(self):\n        await f()\n"
        "class TestPlain:\n    def setup_method(self, method):\n        pass\n    async def test_d(self):\n        await f()\n"
    )
    suite = suite_of(code)
    assert names(suite) == ["Base.test_a", "Other.test_a", "Other.test_b", "Waits.test_c", "TestPlain.test_d"]
    told = [test.code for test in suite.tests if isinstance(test, Test)]
    assert told[2].endswith("subject.setUp()\nimport asyncio\nasyncio.run(subject.test_b())")
    assert told[3].endswith("Waits('test_c').debug()")
    assert told[4] == "subject = TestPlain()\nsubject.setup_method(None)\nimport asyncio\nasyncio.run(subject.test_d())"
