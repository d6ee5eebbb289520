"""The process that decides on a Python program: it runs the tests, which call the program in another process, and reports to the host."""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.abc
import importlib.machinery
import linecache
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from resources.sandbox.inside import messages
from resources.sandbox.inside.bridge import Bridge
from resources.sandbox.inside.plain_data import standard_module
from resources.sandbox.inside.remote import Remote, type_name_of

LONGEST_SHOWN = 300

Report = Callable[[list[Any]], None]


def run_tests(bridge: Bridge, code: str, setup: str, tests: Sequence[Mapping[str, str]], stop_at_first_failure: bool, report: Report) -> None:
    """Report ["setup failed", message], or ["test", place, failed or None] for each test."""
    namespace: dict[str, Any] = {"__name__": "tests"}
    module = types.ModuleType("tests")
    module.__dict__.update(namespace)
    sys.modules["tests"] = module
    namespace = vars(module)
    try:
        trees = [_parsed(f"test {place + 1}", test["code"]) for place, test in enumerate(tests)]
        setup_tree = _parsed("setup", setup)
        live = take_names(bridge, [setup_tree, *trees], modules_imported(code), namespace)
        sys.meta_path.append(ProgramFinder(bridge))
        exec(_compiled("setup", setup, setup_tree), namespace)
    except messages.Ended:
        report(["ended"])
        return
    except BaseException as error:  # also what would end the process, such as SystemExit
        report(["setup failed", told(error), type(error).__name__])
        return
    for place, (test, tree) in enumerate(zip(tests, trees, strict=True)):
        failure: list[str] | None = None
        try:
            for name in live:
                namespace[name] = bridge.ask("name", name)
            exec(_compiled(f"test {place + 1}", test["code"], tree), namespace)
        except messages.Ended:
            report(["ended"])
            return
        except BaseException as error:
            failure = [told(error), type(error).__name__]
        report(["test", place, failure])
        if failure is not None and stop_at_first_failure:
            return


def take_names(bridge: Bridge, trees: Sequence[ast.AST], modules: Mapping[str, str], namespace: dict[str, Any]) -> list[str]:
    """Put the program's names that the tests use into their namespace; those of plain data are returned, to be asked for before each test.

    A built-in function keeps its meaning although the program defines another of its name, unless that is all of the program that the tests use:
    `abs(f(1) - 2.0) < 0.1` must not be decided by an `abs` of the program.
    """
    nodes = [node for tree in trees for node in ast.walk(tree)]
    bound = set(_bound_names(nodes))
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)} - bound
    if any(not hasattr(builtins, name) for name in used) or any(_imports_the_program(node) for node in nodes):
        used = {name for name in used if not hasattr(builtins, name)}
    live = []
    for name, kind in bridge.ask("kinds", sorted(used)).items():
        if name not in used:
            continue
        if name in modules and kind == "module":
            namespace[name] = importlib.import_module(standard_module(modules[name]))
        elif name not in modules:
            namespace[name] = bridge.ask("name", name)
            live += [name] if kind == "data" else []
    return live


def modules_imported(code: str) -> dict[str, str]:
    """Name -> module of the standard library, as the program's own text imports them: its tests may use them too."""
    names = [name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import) for name in node.names]
    found = {name.asname or name.name.partition(".")[0]: name.name if name.asname else name.name.partition(".")[0] for name in names}
    return {name: module for name, module in found.items() if module.partition(".")[0] in sys.stdlib_module_names}


def _bound_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name.asname or name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def _imports_the_program(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in sys.stdlib_module_names


class ProgramFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Tests import what they test from a module of some name, such as solution: any module that is not there is the program."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] in sys.stdlib_module_names or "." in name:
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _ProgramModule(spec.name, self.bridge)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


class _ProgramModule(types.ModuleType):
    def __init__(self, name: str, bridge: Bridge) -> None:
        super().__init__(name)
        self.__dict__["_bridge"] = bridge

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [known for known in self._bridge.ask("kinds", self._bridge.ask("names")) if not known.startswith("_")]
        if name.startswith("__") or not self._bridge.ask("kinds", [name]):
            raise AttributeError(f"there is no module {self.__name__} in the sandbox, so it was taken for the program, which has no {name}")
        return self._bridge.ask("name", name)


class _ShowsValues(ast.NodeTransformer):
    """`assert left == right` fails with both values."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        test = node.test
        if node.msg is not None or not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return node
        left, right = (ast.NamedExpr(ast.Name(name, ast.Store()), value) for name, value in (("left_", test.left), ("right_", test.comparators[0])))
        message = ast.Call(ast.Name("told_", ast.Load()), [ast.Name("left_", ast.Load()), ast.Name("right_", ast.Load())], [])
        new = ast.Assert(ast.Compare(left, test.ops, [right]), message)
        return ast.fix_missing_locations(ast.copy_location(new, node))


def _parsed(name: str, code: str) -> ast.Module:
    linecache.cache[f"<{name}>"] = (len(code), None, code.splitlines(keepends=True), f"<{name}>")
    return ast.parse(code, f"<{name}>")


def _compiled(name: str, code: str, tree: ast.Module) -> types.CodeType:
    builtins.told_ = _two_values  # type: ignore[attr-defined]
    return compile(_ShowsValues().visit(tree), f"<{name}>", "exec")


def _two_values(left: Any, right: Any) -> str:
    return f"{shown(left)}, not {shown(right)}"


def shown(value: Any) -> str:
    """A value in few characters. Objects of the program are not asked for theirs."""
    if isinstance(value, Remote):
        return f"an object of the program ({type_name_of(value)})"
    try:
        text = repr(value)
    except Exception as error:
        return f"{type(value).__name__} whose repr raises {type(error).__name__}"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def told(error: BaseException) -> str:
    """An error in one line: the line of the tests that raised it, the class, the text."""
    line, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith(("<test ", "<setup")):
            line = linecache.getline(code.co_filename, trace.tb_lineno).strip() or line
        trace = trace.tb_next
    try:
        text = str(error)
    except Exception:
        text = ""
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{line[:LONGEST_SHOWN]}: {what[:1000]}" if line else what[:1000]
