"""Python tests as people and models write them, taken apart into single tests."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from operators.sandboxes.parsing import parse_python
from operators.sandboxes.program import Suite, Test

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def suite_of(code: str | Sequence[str], *, stop_at_first_failure: bool = False) -> Suite:
    """The tests in a piece of code, or in a list of asserts.

    Each top-level `assert` is a test, with the statements between the one before and it; so is each function `test_...` and each method `test_...` of
    a unittest.TestCase. Functions, classes and imports are the setup, as is all that stands before the first test. A list gives a test for each item.
    Code without asserts and test functions is one test, where it runs something: values that are only given names test nothing.

    Raises:
        SyntaxError: it is not Python, or nested too deeply to be parsed.
    """
    if not isinstance(code, str):
        return Suite(tuple(Test(item, _name_of(item)) for item in code if _may_fail(item)), stop_at_first_failure=stop_at_first_failure)
    setup: list[ast.stmt] = []
    waiting: list[ast.stmt] = []
    tests: list[Test] = []
    at_the_end: list[Test] = []
    for statement in parse_python(code).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            setup.append(statement)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            setup.append(statement)
            at_the_end += _test_function(statement)
        elif isinstance(statement, ast.ClassDef):
            setup.append(statement)
            at_the_end += _test_methods(statement)
        elif _runs_the_tests(statement):
            continue
        else:
            waiting.append(statement)
            if any(isinstance(node, ast.Assert) for node in ast.walk(statement)):
                tests.append(Test(_source(waiting), _source([statement]).split("\n")[0][:120]))
                waiting = []
    if waiting and at_the_end and not tests:
        setup += waiting  # constants that the functions use
    elif any(_runs_something(statement) for statement in waiting):
        tests.append(Test(_source(waiting), _source(waiting).split("\n")[-1][:120]))
    return Suite((*tests, *at_the_end), _source(setup), stop_at_first_failure)


def _may_fail(code: str) -> bool:
    try:
        return any(_runs_something(statement) for statement in parse_python(code).body)
    except SyntaxError:
        return True


def _runs_something(statement: ast.stmt) -> bool:
    """Not an assignment, a docstring or `pass`: one that could fail where the program is wrong."""
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Pass):
        return False
    return any(isinstance(node, ast.Call | ast.Raise | ast.Assert) for node in ast.walk(statement))


def _name_of(code: str) -> str:
    return next((line.strip() for line in code.splitlines() if line.strip().startswith("assert")), code.strip().split("\n")[0])[:120]


def _source(statements: Iterable[ast.stmt]) -> str:
    return "\n".join(ast.unparse(statement) for statement in statements)


def _test_function(function: Function) -> list[Test]:
    if not function.name.startswith("test"):
        return []
    required = len(function.args.posonlyargs) + len(function.args.args) - len(function.args.defaults)
    if required and not function.decorator_list:
        return []  # a helper of the tests
    call = f"{function.name}()"
    return [Test(f"import asyncio\nasyncio.run({call})" if isinstance(function, ast.AsyncFunctionDef) else call, function.name)]


def _test_methods(class_: ast.ClassDef) -> list[Test]:
    methods = [item.name for item in class_.body if isinstance(item, ast.FunctionDef) and item.name.startswith("test")]
    of_unittest = any("TestCase" in ast.unparse(base) for base in class_.bases)
    if of_unittest:
        return [Test(f"{class_.name}({name!r}).debug()", f"{class_.name}.{name}") for name in methods]
    if class_.name.startswith("Test"):
        setup = "subject.setup_method()\n" if any(isinstance(item, ast.FunctionDef) and item.name == "setup_method" for item in class_.body) else ""
        return [Test(f"subject = {class_.name}()\n{setup}subject.{name}()", f"{class_.name}.{name}") for name in methods]
    return []


def _runs_the_tests(statement: ast.stmt) -> bool:
    """`if __name__ == "__main__": unittest.main()`, `unittest.main()`, `pytest.main(...)`, or a call of a test function."""
    if isinstance(statement, ast.If):
        return "__name__" in ast.unparse(statement.test)
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    called = ast.unparse(statement.value.func)
    return called in ("unittest.main", "pytest.main") or called.startswith("test_")
