"""More calls like those of some tests: the same function, with other arguments of the same kind."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from operators.bases.draws import generator
from operators.sandboxes import parse_python

_LONGEST: Final = 300
"""Characters of a call."""


def calls_in(tests: Sequence[str]) -> list[ast.Call]:
    """Of tests of the form `assert f(1, [2]) == ...` the calls whose arguments are written out."""
    found = []
    for test in tests:
        for statement in parse_python(test).body:
            compared = statement.test if isinstance(statement, ast.Assert) else None
            call = compared.left if isinstance(compared, ast.Compare) and isinstance(compared.ops[0], ast.Eq) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and all(map(_is_written_out, _arguments(call))):
                found.append(call)
    return found


def variations(tests: Sequence[str], wanted: int, seed: int = 0) -> list[str]:
    """Up to so many other calls, drawn by the seed and the tests: arguments of different tests put together, and arguments that are a little changed.

    They stay near what the tests have: a number that is not negative does not become so, and a text has the characters that it had.

    >>> variations(["assert double(2) == 4"], 2)
    ['double(1)', 'double(3)']
    """
    calls = calls_in(tests)
    if not calls:
        return []
    random = generator(seed, "\n".join(tests))
    known, made = {ast.unparse(call) for call in calls}, list[str]()
    for _ in range(20 * wanted):
        if len(made) == wanted:
            break
        call = copy.deepcopy(calls[random.integers(len(calls))])
        other = calls[random.integers(len(calls))]
        places = list(_places(call))
        if not places:
            break
        place, value = places[random.integers(len(places))]
        others = dict(_places(other))
        changed = others[place] if place in others and random.random() < 0.3 else _changed(ast.literal_eval(value), random)
        _put(call, place, changed if isinstance(changed, ast.expr) else ast.parse(repr(changed), mode="eval").body)
        written = ast.unparse(call)
        if written not in known and len(written) <= _LONGEST:
            known.add(written)
            made.append(written)
    return made


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_written_out(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _places(call: ast.Call) -> Iterator[tuple[int | str, ast.expr]]:
    """Each argument by its position or its name."""
    yield from enumerate(call.args)
    yield from ((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg)


def _put(call: ast.Call, place: int | str, value: ast.expr) -> None:
    if isinstance(place, int):
        call.args[place] = value
    else:
        next(keyword for keyword in call.keywords if keyword.arg == place).value = value


def _changed(value: Any, random: np.random.Generator) -> Any:
    """Another value of the same type, near it; the value itself where there is none."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        other = value + int(random.choice([-2, -1, 1, 2, 3]))
        return other if value < 0 or other >= 0 else value + 1
    if isinstance(value, float):
        return value * float(random.choice([0.5, 0.75, 1.25, 2.0]))
    if isinstance(value, str | bytes | list | tuple) and value:
        return _changed_sequence(value, random)
    if isinstance(value, dict) and value:
        key = list(value)[random.integers(len(value))]
        return {name: one for name, one in value.items() if name != key} if random.random() < 0.5 else {**value, key: _changed(value[key], random)}
    return value


def _changed_sequence(value: Any, random: np.random.Generator) -> Any:
    at = int(random.integers(len(value)))
    way = random.integers(4)
    if way == 0:
        return value[:at] + value[at + 1 :]
    if way == 1:
        return value[:at] + value[at : at + 1] + value[at:]
    if way == 2 or isinstance(value, str | bytes):
        return value[at:] + value[:at]
    inner = _changed(value[at], random)
    return type(value)([*value[:at], inner, *value[at + 1 :]])
