"""The process that decides on a Python program: it runs the tests, which call the program in another process, and reports to the host."""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.abc
import importlib.machinery
import linecache
import symtable
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from resources.sandbox.inside import pytest_words
from resources.sandbox.inside.bridge import Bridge, text_of
from resources.sandbox.inside.plain_data import standard_module
from resources.sandbox.inside.remote import Remote, type_name_of

LONGEST_SHOWN = 300

Report = Callable[[list[Any]], None]


def run_tests(bridge: Bridge, code: str, setup: str, tests: Sequence[str], stop_at_first_failure: bool, report: Report) -> None:
    """Report ["setup failed", message, error], or for each test ["test", place, None or [message, error]]; ["ended"] where the program did."""
    module = types.ModuleType("tests")
    sys.modules["tests"] = module
    module.__dict__.update(told_=_two_values, program_=lambda name: bridge.ask("name", name))
    sources = [Source("setup", setup), *(Source(f"test {place}", test) for place, test in enumerate(tests, 1))]

    def failure_of(source: Source) -> list[str] | None:
        if source.fault is not None:
            return [told(source.fault), "SyntaxError"]
        try:
            exec(source.compiled(live), vars(module))
        except BaseException as error:  # also what would end the process, such as SystemExit
            return [told(error), type(error).__name__]
        return None

    try:
        live = take_names(bridge, sources, modules_imported(code), vars(module))
        sys.meta_path.append(ProgramFinder(bridge, {name for source in sources for name in source.used}))
        failure = failure_of(sources[0])
    except BaseException as error:  # what the program says of itself may be anything
        failure = [told(error), type(error).__name__]
    if bridge.has_ended() or failure is not None:
        report(["ended"] if bridge.has_ended() else ["setup failed", *(failure or ())])
        return
    for place, source in enumerate(sources[1:]):
        failure = failure_of(source)
        if bridge.has_ended():  # whatever the test made of it
            report(["ended"])
            return
        report(["test", place, failure])
        if failure is not None and stop_at_first_failure:
            return


class Source:
    """The code of one test, or of what stands before all. `fault`: why it is not Python, where it is not; then its tree is empty."""

    def __init__(self, name: str, code: str) -> None:
        self.file = f"<{name}>"
        self.fault: Exception | None = None
        self.tree = ast.Module([], [])
        self.used: set[str] = set()
        """Names that it reads from its namespace, in whatever function."""
        self.bound: set[str] = set()
        """Names that it puts there."""
        linecache.cache[self.file] = (len(code), None, code.splitlines(keepends=True), self.file)
        try:
            self.tree = ast.parse(code, self.file)
            compile(self.tree, self.file, "exec")
            self._find_names(symtable.symtable(code, self.file, "exec"), at_the_top=True)
        except (SyntaxError, ValueError, RecursionError) as error:
            self.fault, self.tree = error, ast.Module([], [])

    def _find_names(self, table: symtable.SymbolTable, at_the_top: bool) -> None:
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (at_the_top or symbol.is_global()):
                self.used.add(symbol.get_name())
            if (at_the_top or symbol.is_declared_global()) and (symbol.is_assigned() or symbol.is_imported()):
                self.bound.add(symbol.get_name())
        for child in table.get_children():
            self._find_names(child, at_the_top=False)

    def compiled(self, live: set[str]) -> types.CodeType:
        return compile(_Rewritten(live).visit(self.tree), self.file, "exec")


def take_names(bridge: Bridge, sources: Sequence[Source], modules: Mapping[str, str], namespace: dict[str, Any]) -> set[str]:
    """Put the program's names that the tests use into their namespace; those of plain data are returned, to be asked for whenever they are read.

    A built-in function keeps its meaning although the program defines another of its name, unless that is all of the program that the tests use:
    `abs(f(1) - 2.0) < 0.1` must not be decided by an `abs` of the program.
    """
    nodes = [node for source in sources for node in ast.walk(source.tree)]
    used = {name for source in sources for name in source.used} - {name for source in sources for name in source.bound}
    if any(not hasattr(builtins, name) for name in used) or any(_imports_the_program(node) for node in nodes):
        used = {name for name in used if not hasattr(builtins, name)}
    also_local = set(_bound_names(nodes))
    live = set()
    for name, kind in bridge.ask("kinds", sorted(used)).items():
        if name not in used:
            continue
        if name in modules and kind == "module":
            namespace[name] = importlib.import_module(standard_module(modules[name]))
        elif name not in modules:
            namespace[name] = bridge.ask("name", name)
            live |= {name} if kind == "data" and name not in also_local else set()
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
    return isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in {*sys.stdlib_module_names, "pytest"}


class ProgramFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Tests import what they test from a module of some name, such as solution: any module that is not there is the program; but not pytest.

    `used`: the names that the tests read. Of the names of built-in functions `from solution import *` brings one only where they use no other.
    """

    def __init__(self, bridge: Bridge, used: set[str]) -> None:
        self.bridge, self.used = bridge, used

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] in sys.stdlib_module_names or "." in name:
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        if spec.name == "pytest":
            return pytest_words.as_module()
        return _ProgramModule(spec.name, self.bridge, self.used)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


class _ProgramModule(types.ModuleType):
    def __init__(self, name: str, bridge: Bridge, used: set[str]) -> None:
        super().__init__(name)
        self.__dict__.update(_bridge=bridge, _used=used)

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            kinds = self._bridge.ask("kinds", self._bridge.ask("names"))
            public = [known for known, kind in kinds.items() if kind != "module" and not known.startswith("_")]
            own = [known for known in public if not hasattr(builtins, known)]
            return own if self._used & set(own) else public
        if name.startswith("__") or not self._bridge.ask("kinds", [name]):
            raise AttributeError(f"there is no module {self.__name__} in the sandbox, so it was taken for the program, which has no {name}")
        return self._bridge.ask("name", name)


class _Rewritten(ast.NodeTransformer):
    """`assert left == right` fails with both values, and the program's data is asked for whenever it is read."""

    def __init__(self, live: set[str]) -> None:
        self.live = live

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.live or not isinstance(node.ctx, ast.Load):
            return node
        asked = ast.Call(ast.Name("program_", ast.Load()), [ast.Constant(node.id)], [])
        return ast.fix_missing_locations(ast.copy_location(asked, node))

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        self.generic_visit(node)
        test = node.test
        if node.msg is not None or not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return node
        left, right = (ast.NamedExpr(ast.Name(name, ast.Store()), value) for name, value in (("left_", test.left), ("right_", test.comparators[0])))
        message = ast.Call(ast.Name("told_", ast.Load()), [ast.Name("left_", ast.Load()), ast.Name("right_", ast.Load())], [])
        new = ast.Assert(ast.Compare(left, test.ops, [right]), message)
        return ast.fix_missing_locations(ast.copy_location(new, node))


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
    text = text_of(error)
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{line[:LONGEST_SHOWN]}: {what[:1000]}" if line else what[:1000]
