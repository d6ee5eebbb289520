"""Python functions that every installation has: those of the standard library and of the installed packages that stand on their own."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import warnings
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from resources.sources.installed_sources import source_files
from resources.sources.listed import ListedRows

_BUILTINS = frozenset(dir(builtins)) - {"__import__", "breakpoint", "compile", "eval", "exec", "exit", "globals", "input", "locals", "open", "quit"}
_FEWEST_LINES, _MOST_LINES = 4, 60
_FUNCTION = re.compile(r"^def \w+\(.*\n(?:(?:[ \t)#].*)?\n)*", re.MULTILINE)
_DOCSTRING = re.compile(r":[^\n]*\n\s+[rR]?(?:\"\"\"|''')")


class InstalledFunctions(ListedRows):
    """Functions with a docstring, at least one argument and a value that they return, which use nothing but their arguments and Python's own names:
    they can be run without the package around them. Columns `code`, `instruction` (the docstring), `name`, `filename` and `package`.
    """

    columns = dict.fromkeys(("code", "instruction", "name", "filename", "package"), pa.string())

    def rows(self) -> Iterator[dict[str, Any]]:
        return _functions()


def _functions() -> Iterator[dict[str, Any]]:
    """In the order of the files, each code once."""
    met: set[str] = set()
    for file in source_files(frozenset({".py"})):
        for code, function in functions_of(file["text"]):
            if code not in met:
                met.add(code)
                docstring = ast.get_docstring(function) or ""
                yield {"code": code, "instruction": docstring, "name": function.name, "filename": file["filename"], "package": file["package"]}


def functions_of(source: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Source and tree of the functions at the top of a module that stand on their own.

    Only what looks like one is parsed: to parse all files takes minutes.
    """
    for match in _FUNCTION.finditer(source):
        text = match.group()
        decorated = source.startswith("@", source.rfind("\n", 0, max(0, match.start() - 1)) + 1)
        if decorated or "return " not in text or not _DOCSTRING.search(text):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if len(body) == 1 and isinstance(body[0], ast.FunctionDef) and _is_documented(body[0]) and stands_alone(text):
            yield text.rstrip() + "\n", body[0]


def _is_documented(function: ast.FunctionDef) -> bool:
    lines = (function.end_lineno or 0) - function.lineno + 1
    returns = any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function))
    arguments = function.args
    return (
        _FEWEST_LINES <= lines <= _MOST_LINES
        and not function.decorator_list
        and not function.name.startswith(("test", "_"))
        and bool(arguments.posonlyargs or arguments.args)
        and returns
        and len(ast.get_docstring(function) or "") >= 20
    )


def stands_alone(code: str) -> bool:
    """Whether a function uses no name but its own, its arguments' and Python's."""
    table = symtable.symtable(code, "function", "exec")
    free = {symbol.get_name() for scope in _scopes(table) for symbol in scope.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return free <= _BUILTINS | {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_namespace()}


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)
