"""Python tests as people and models write them, taken apart into single tests."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from operators.sandboxes.parsing import parse_python
from operators.sandboxes.program import Suite, Test

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS: Final = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def suite_of(code: str | Sequence[str], *, stop_at_first_failure: bool = False) -> Suite:
    """The tests in a piece of code, or in a list of pieces.

    Each top-level `assert` is a test, with the statements between the one before and it; so is each function `test_...` and each method `test_...` of
    a unittest.TestCase. Functions, classes and imports are the setup, as is all that stands before the first test. What stands under
    `if __name__ == "__main__":` is run like the rest. Code without asserts and test functions is one test, where it runs something: values that are
    only given names test nothing. A list gives a test for each piece that tests something; the other pieces are the setup.

    Raises:
        SyntaxError: it is not Python, or nested too deeply to be parsed. A piece of a list that is not is a test that fails.
    """
    setup, tests = _taken_apart(parse_python(code).body) if isinstance(code, str) else _of_pieces(code)
    return Suite(tuple(tests), "\n".join(part for part in setup if part), stop_at_first_failure)


def _of_pieces(pieces: Sequence[str]) -> tuple[list[str], list[Test]]:
    setup: list[str] = []
    tests: list[Test] = []
    for piece in pieces:
        try:
            shared, parts = _taken_apart(parse_python(piece).body)
        except SyntaxError:
            shared, parts = [], [Test(piece)]
        if parts:
            setup += shared
            tests.append(Test("\n".join(part.code for part in parts), _name_of(piece)))
        else:
            setup.append(piece)
    return setup, tests


def _taken_apart(body: Iterable[ast.stmt]) -> tuple[list[str], list[Test]]:
    """The setup and the tests."""
    statements = list(_at_the_top(body))
    classes = {statement.name: statement for statement in statements if isinstance(statement, ast.ClassDef)}
    used = {node.id for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Name)}
    setup: list[ast.stmt] = [statement for statement in statements if isinstance(statement, _DEFINITIONS)]
    at_the_end: list[Test] = []
    for statement in setup:
        if isinstance(statement, ast.ClassDef):
            at_the_end += _test_methods(statement, classes)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            at_the_end += _test_function(statement, used)
    waiting: list[ast.stmt] = []
    tests: list[Test] = []
    mains, run_anyway = set(_mains_of(setup)), {test.name for test in at_the_end}
    for statement in statements:
        if isinstance(statement, _DEFINITIONS) or _runs_the_tests(statement, mains, run_anyway):
            continue
        waiting.append(statement)
        if any(isinstance(node, ast.Assert) for node in _run_by(statement)):
            tests.append(Test(_source(waiting), _source([statement]).split("\n")[0][:120]))
            waiting = []
    if waiting and at_the_end and not tests:
        setup += waiting  # constants that the functions use
    elif any(_runs_something(statement) for statement in waiting):
        tests.append(Test(_source(waiting), _source(waiting).split("\n")[-1][:120]))
    return [_source(setup)], [*tests, *at_the_end]


def _at_the_top(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """With what stands under `if __name__ == "__main__":` in its place."""
    for statement in body:
        if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
            yield from _at_the_top(statement.body)
        else:
            yield statement


def _runs_something(statement: ast.stmt) -> bool:
    """Not an assignment, a docstring or `pass`: one that could fail where the program is wrong."""
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Pass):
        return False
    return any(isinstance(node, ast.Call | ast.Raise | ast.Assert) for node in _run_by(statement))


def _run_by(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes that running a statement reaches: not the bodies of functions that it only defines."""
    nodes: list[ast.AST] = [statement]
    while nodes:
        node = nodes.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            nodes += ast.iter_child_nodes(node)


def _name_of(code: str) -> str:
    return next((line.strip() for line in code.splitlines() if line.strip().startswith("assert")), code.strip().split("\n")[0])[:120]


def _source(statements: Iterable[ast.stmt]) -> str:
    return "\n".join(ast.unparse(statement) for statement in statements)


def _test_function(function: Function, used: set[str]) -> list[Test]:
    """None for a helper of the tests: it needs arguments, and something calls it. One that needs them and is not called wants fixtures, and fails."""
    if not function.name.startswith("test"):
        return []
    required = len(function.args.posonlyargs) + len(function.args.args) - len(function.args.defaults)
    if required and not function.decorator_list and function.name in used:
        return []
    return [Test(_called(function, function.name), function.name)]


def _test_methods(class_: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> list[Test]:
    """Its own and those of its base classes that stand beside it."""
    line = _line_of(class_, classes)
    methods = {item.name: item for one in reversed(line) for item in one.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)}
    tests = {name: method for name, method in methods.items() if name.startswith("test")}
    bases = " ".join(ast.unparse(base) for one in line for base in one.bases)
    if "TestCase" in bases:
        return [Test(_of_unittest(class_.name, tests[name], "Isolated" in bases), f"{class_.name}.{name}") for name in tests]
    if not class_.name.startswith("Test"):
        return []
    before = f"subject = {class_.name}()\n"
    if "setup_method" in methods:
        before += f"subject.setup_method({'None' if len(methods['setup_method'].args.args) > 1 else ''})\n"
    return [Test(before + _called(tests[name], f"subject.{name}"), f"{class_.name}.{name}") for name in tests]


def _of_unittest(class_: str, method: Function, waits_itself: bool) -> str:
    before = f"{class_}.setUpClass()\n"
    if isinstance(method, ast.FunctionDef) or waits_itself:
        return f"{before}{class_}({method.name!r}).debug()"
    return f"{before}subject = {class_}({method.name!r})\nsubject.setUp()\n{_called(method, f'subject.{method.name}')}"


def _line_of(class_: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """A class and those that it inherits from, as far as they stand in the code."""
    line = [class_]
    for one in line:
        line += [classes[base.id] for base in one.bases if isinstance(base, ast.Name) and base.id in classes and classes[base.id] not in line]
    return line


def _called(function: Function, name: str) -> str:
    return f"import asyncio\nasyncio.run({name}())" if isinstance(function, ast.AsyncFunctionDef) else f"{name}()"


def _mains_of(setup: Iterable[ast.stmt]) -> Iterator[str]:
    """What `unittest.main` and `pytest.main` are called after some imports."""
    for statement in setup:
        if isinstance(statement, ast.Import):
            yield from (f"{name.asname or name.name}.main" for name in statement.names if name.name in ("unittest", "pytest"))
        elif isinstance(statement, ast.ImportFrom) and statement.module in ("unittest", "pytest"):
            yield from (name.asname or name.name for name in statement.names if name.name == "main")


def _runs_the_tests(statement: ast.stmt, mains: set[str], run_anyway: set[str]) -> bool:
    """`unittest.main()`, `sys.exit(pytest.main(...))`, or `test_f()`, which is run anyway; not a function that is given arguments."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    if call.args and ast.unparse(call.func) in ("sys.exit", "exit") and isinstance(call.args[0], ast.Call):
        call = call.args[0]
    called = ast.unparse(call.func)
    return called in mains or (called in run_anyway and not call.args and not call.keywords)
