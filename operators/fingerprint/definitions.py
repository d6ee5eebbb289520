"""What a class is made of in the source: its own code, what that uses in this package and in its own, and the data files that it names.

The unit is the definition: a function, a class or a constant at the top of a module. So a change reaches the operators that use what was changed,
through any number of imports, and not those that stand beside it in a file.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import NamedTuple, TypeAlias

_ROOT = Path(__file__).parents[2]
_FILE_NAME = re.compile(r"[\w-][\w./-]*\.\w+")

_ABSTRACTIONS = tuple(f"operators.{floor}" for floor in ("tables", "asking", "fingerprint", "engine", "core", "pipeline"))

WHOLE = "*"
ALWAYS = ""


class Name(NamedTuple):
    """Something at the top of a module: a definition, `WHOLE` of it, or the statements that run `ALWAYS`, whatever is imported from it."""

    module: str
    name: str


Imports: TypeAlias = "defaultdict[str, list[Name]]"


def content_of(classes: Iterable[type]) -> str:
    """A digest of everything that the classes are made of; not of comments, docstrings, formatting, nor of the files that the code stands in.

    What an operator says to those who look for one, `asks` and `covers`, makes no difference either.
    Code of other packages than this one and those of the classes is not followed.
    """
    starts = [Name(cls.__module__, cls.__qualname__) for cls in classes]
    contents = sorted(filter(None, _in_use(starts).values()))
    return hashlib.sha256("".join(contents).encode()).hexdigest()


def is_defined_in_a_file(cls: type) -> bool:
    source = _source(cls.__module__)
    return source is not None and source.defines(cls.__qualname__)


def flat(node: ast.AST) -> str:
    """The code of a node as one text, the same for every way of writing it down."""
    parts: list[str] = []
    _flatten(node, parts, [])
    return "\0".join(parts)


class Source:
    """One module: a digest of each thing that it defines, and what that refers to. Its syntax tree is forgotten, which would be megabytes."""

    def __init__(self, module: str, path: Path) -> None:
        self._module = module
        self._path = path
        self._statements: dict[str, list[ast.stmt]] = defaultdict(list)
        """Name -> the statements that make or change it."""
        self._imports: Imports = defaultdict(list)
        for statement in ast.parse(path.read_bytes()).body:
            if not _is_for_types(statement):
                self._read(statement)
        self._found = {name: self._digested(name) for name in self._statements}
        self._statements.clear()

    def __contains__(self, name: str) -> bool:
        return name in self._found or name in self._imports

    def defines(self, name: str) -> bool:
        return name in self._found

    def named(self, name: str) -> tuple[str, frozenset[Name]]:
        """A digest of the definition, with the data files that it names, and what it refers to."""
        if name == WHOLE:
            return "", frozenset(Name(self._module, defined) for defined in self._found)
        return self._found.get(name) or ("", frozenset(self._imports.get(name, ())))

    def passed_on(self, name: str) -> Iterator[Name]:
        """Where a name comes from that can be imported from the module, though nothing in it is called so."""
        yield from (Name(star.module, name) for star in self._imports.get(WHOLE, ()))
        if "__getattr__" in self:
            yield Name(self._module, "__getattr__")

    def _digested(self, name: str) -> tuple[str, frozenset[Name]]:
        digest = hashlib.sha256()
        used = {Name(self._module, ALWAYS), *self._imports.get(WHOLE, ()), *self._imports.get(name, ())}
        for statement in self._statements[name]:
            parts: list[str] = []
            leaves: list[ast.AST] = []
            _flatten(statement, parts, leaves)
            digest.update("\0".join(parts).encode("utf-8", "surrogatepass"))
            inside: Imports = defaultdict(list)
            for leaf in leaves:
                if isinstance(leaf, ast.Import | ast.ImportFrom):
                    self._import(leaf, inside)
            for leaf in leaves:
                if isinstance(leaf, ast.Name):
                    used.update(inside.get(leaf.id) or ([Name(self._module, leaf.id)] if self._has(leaf.id) else []))
                elif isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                    digest.update(self._data(leaf.value))
        return digest.hexdigest(), frozenset(used)

    def _has(self, name: str) -> bool:
        return name in self._statements or name in self._imports

    def _data(self, text: str) -> bytes:
        if len(text) > 100 or not _FILE_NAME.fullmatch(text) or text.endswith(".py"):
            return b""
        file = self._path.parent / text
        return hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b""

    def _read(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self._import(statement, self._imports)
            return
        if isinstance(statement, ast.If | ast.Try):
            for node in ast.walk(statement):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    self._import(node, self._imports)
        if not _is_text(statement):
            for name in _names_made(statement) or [ALWAYS]:
                self._statements[name].append(statement)

    def _import(self, node: ast.Import | ast.ImportFrom, into: Imports) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                into[alias.asname or alias.name.partition(".")[0]].append(Name(alias.name, WHOLE))
            return
        package = self._module.split(".") if self._path.name == "__init__.py" else self._module.split(".")[:-1]
        base = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])]) if node.level else str(node.module)
        for alias in node.names:
            into[alias.asname or alias.name].append(Name(base, alias.name))


def _in_use(starts: Iterable[Name]) -> dict[Name, str]:
    """Everything reached -> its digest."""
    waiting = list(starts)
    packages = {*(name.module.partition(".")[0] for name in waiting), "operators"}
    source_of = functools.cache(_source)
    found: dict[Name, str] = {}
    while waiting:
        name = waiting.pop()
        if name in found or name.module.partition(".")[0] not in packages or is_abstraction(name.module):
            continue
        source = source_of(name.module)
        if source is not None and (name.name == WHOLE or name.name in source):
            found[name], used = source.named(name.name)
            waiting += used
        else:
            found[name] = ""
            if name.name not in (ALWAYS, WHOLE):
                waiting.append(Name(f"{name.module}.{name.name}", WHOLE))  # a module, imported from its package
                waiting += source.passed_on(name.name) if source is not None else ()
    return found


def is_abstraction(module: str) -> bool:
    """The abstractions are taken to do the same for ever: their changes must not make every table anew."""
    return module == "operators" or module.startswith(_ABSTRACTIONS)


def _source(module: str) -> Source | None:
    """The source of a module as it was read when the module was imported; of one that is not imported, as it is."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    if spec is None:
        return _read_again(module)
    of_spec, source = _imported.get(module, (None, None))
    if of_spec is not spec:  # nothing was read yet, or the module was imported again
        source = _read_again(module)
        _imported[module] = spec, source
    return source


_imported: dict[str, tuple[ModuleSpec, Source | None]] = {}
"""Sources of imported modules, whose files are not looked at again: that would be thousands of times for all operators."""


def _read_again(module: str) -> Source | None:
    path = _file_of(module)
    return None if path is None else _parsed(module, path, path.stat().st_mtime_ns)


@functools.cache
def _parsed(module: str, path: Path, _changed: int) -> Source:
    return Source(module, path)


def _file_of(module: str) -> Path | None:
    loaded = getattr(sys.modules.get(module), "__file__", None)
    if loaded:
        return Path(loaded) if loaded.endswith(".py") and Path(loaded).is_file() else None
    top = module.partition(".")[0]
    package = getattr(sys.modules.get(top), "__file__", None)
    root = _ROOT if top == "operators" else Path(package).parents[1] if package else None
    if root is None or "." not in module:
        return None
    place = root.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def _names_made(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Delete):
        targets = statement.targets if isinstance(statement, ast.Assign | ast.Delete) else [statement.target]
        names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        return list(dict.fromkeys(names))
    if isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While):
        blocks = [inner for field in ("body", "orelse", "finalbody") for inner in getattr(statement, field, ())]
        blocks += [inner for handler in getattr(statement, "handlers", ()) for inner in handler.body]
        return list(dict.fromkeys(name for inner in blocks for name in _names_made(inner)))
    return []


def _is_for_types(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"


def _is_text(node: ast.AST) -> bool:
    """A docstring, of whatever."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_for_the_catalogue(statement: ast.AST) -> bool:
    """What an operator says of itself to those who look for one: no result depends on it."""
    return isinstance(statement, ast.Assign | ast.AnnAssign) and _names_made(statement) in (["asks"], ["covers"])


def _flatten(node: ast.AST, parts: list[str], leaves: list[ast.AST]) -> None:
    """The kinds of the nodes and their values, without what other versions of Python add or leave out; `leaves` are names, constants and imports."""
    parts.append(type(node).__name__)
    if isinstance(node, ast.Name | ast.Constant | ast.Import | ast.ImportFrom):
        leaves.append(node)
    for field in node._fields:
        value = getattr(node, field, None)
        if value is None or value == [] or field == "ctx":
            continue
        if isinstance(value, ast.AST):
            parts.append(field)
            _flatten(value, parts, leaves)
        elif isinstance(value, list):
            parts.append(field)
            for item in value:
                if not isinstance(item, ast.AST):
                    parts.append(repr(item))
                elif not (_is_text(item) or (isinstance(node, ast.ClassDef) and _is_for_the_catalogue(item))):
                    _flatten(item, parts, leaves)
            parts.append("end")
        else:
            parts.append(repr(value))
