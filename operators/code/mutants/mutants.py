"""The mutants of a Python program."""

from __future__ import annotations

import ast
import itertools
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from operators.bases.draws import draw
from operators.code.mutants.changes import ChangeKind, changes_of, changes_of_body
from operators.sandboxes import parse_python


class Mutant(NamedTuple):
    """A program with one change."""

    source: str
    kind: ChangeKind
    line: int
    """Of the program that it was made of, from 1."""
    change: str
    """The line before and after: "return a + b -> return a - b"."""


def mutants_of(source: str, most: int | None = None, seed: int = 0) -> list[Mutant]:
    """The different valid programs that one change makes of a program; comments are lost, and the layout is that of `ast.unparse`.

    Changed are operators, comparisons, conditions, constants, bounds by one, what is returned, and statements left out. Docstrings, annotations,
    decorators, imports and what a module does under `if __name__ == "__main__"` stay as they are. The same source, `most` and `seed` give the same
    mutants. Some do what the program does (a dead branch, a bound never reached): no test can tell those.

    Args:
        source: a Python program.
        most: at most so many, drawn with `seed` so that each line has one before any has two; None gives all in the order of the program.

    Raises:
        SyntaxError: the source is no Python program. Also for one nested too deeply to be parsed.
    """
    try:
        tree = parse_python(source)
        sites = list(_sites(tree))
        if most is None or len(sites) <= most:
            return [mutant for _, mutant in _made(tree, list(enumerate(sites)))][:most]
        drawn = sorted(itertools.islice(_made(tree, _in_drawn_order(sites, seed)), most), key=lambda made: made[0])
        return [mutant for _, mutant in drawn]
    except (RecursionError, MemoryError, ValueError) as error:
        raise SyntaxError(f"the program cannot be parsed: {error}") from error


class _Site(NamedTuple):
    """A place in the tree where a mutant has `new`: the field of a node, and the item in it where it is a list."""

    kind: ChangeKind
    line: int
    node: Any
    field: str
    item: int | None
    new: Any

    def put(self, value: Any) -> Any:
        """Put a value there; what was there before."""
        old = getattr(self.node, self.field)
        if self.item is None:
            setattr(self.node, self.field, value)
            return old
        old[self.item], before = value, old[self.item]
        return before


def _made(tree: ast.Module, sites: Iterable[tuple[int, _Site]]) -> Iterator[tuple[int, Mutant]]:
    """The mutants at some sites, with the numbers of the sites. Those that are no programs, or equal to another, are left out."""
    original = ast.unparse(tree)
    met = {original}
    for number, site in sites:
        before = site.put(site.new)
        try:
            changed = ast.unparse(ast.fix_missing_locations(tree))
        finally:
            site.put(before)
        if changed not in met and _compiles(changed):
            met.add(changed)
            yield number, Mutant(changed, site.kind, site.line, _difference(original, changed))


def _sites(tree: ast.Module) -> Iterator[_Site]:
    """In the order of the program."""
    for node in _mutable(tree):
        line = _line_of(node)
        for change in changes_of(node):
            yield _Site(change.kind, line, node, change.field, change.place, change.new)
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                yield from (_Site("statement", body[place].lineno, node, field, place, new) for place, new in changes_of_body(body))


def _in_drawn_order(sites: Sequence[_Site], seed: int) -> list[tuple[int, _Site]]:
    """Every line has its first before any has its second; otherwise as the seed says."""
    ranked = sorted(enumerate(sites), key=lambda numbered: draw(seed, f"{numbered[0]} {numbered[1].kind} {numbered[1].line}"))
    on_line: Counter[int] = Counter()
    turns = {}
    for number, site in ranked:
        turns[number] = on_line[site.line]
        on_line[site.line] += 1
    return sorted(ranked, key=lambda numbered: turns[numbered[0]])


def _mutable(node: ast.AST) -> Iterator[ast.AST]:
    """The node and those below it, but for what says nothing of what a program computes."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params", "type_comment", "format_spec"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_left_alone(child):
                yield from _mutable(child)


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal():
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case ast.JoinedStr():
            return True
    return False


def _line_of(node: ast.AST) -> int:
    """A node without a place of its own (a comprehension's `for`) has that of its first part."""
    return next((part.lineno for part in ast.walk(node) if hasattr(part, "lineno")), 1)


def _compiles(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            compile(source, "<mutant>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _difference(original: str, changed: str) -> str:
    """The first line that differs, before and after."""
    pairs = zip([*original.splitlines(), ""], [*changed.splitlines(), ""], strict=False)
    before, after = next(((old.strip(), new.strip()) for old, new in pairs if old != new), ("", ""))
    return f"{before} -> {after}"
