"""Whether calls are those that were expected, as the Berkeley Function Calling Leaderboard compares them.

What is expected of a call is, for each parameter, the list of values that are right; "" among them says that the parameter may be left out. Calls are
compared as data, never as text: order of arguments, white space and quotation marks do not count. Texts are compared without case, spaces and the
marks , . / - _ * ^, except in numbers and where there is nothing else. A whole number stands for a number with decimals, never the other way round.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from operators.tools.calls import Call
from operators.tools.definitions import Tool

OMITTED: Final = ""
"""Among the values that are right: the parameter may be left out."""
_IGNORED: Final = re.compile(r"((?<!\d)(?<!\d\.)\d+\.\d+(?!\d|\.\d)|(?<![^\s(\[,:=$€£])-(?=\.?\d))|[ ,./\-_*^]")
"""Marks, but for the point of a number with decimals and the sign of a negative one, which are the group."""
_DECIMAL: Final = re.compile(r"\s*[-+]?\d{1,15}(?:\.\d{1,15})?\s*")
_PYTHON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (float, int),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}

Expected = Mapping[str, Mapping[str, Sequence[Any]]]
"""{"function name": {"parameter": [values that are right]}}"""


def calls_fault(calls: Sequence[Call], expected: Sequence[Expected], tools: Sequence[Tool], exact: bool = False) -> str | None:
    """Why calls are not those that were expected, in any order; None where they are. Where none is expected, any call is one too many.

    With `exact`, each parameter has the one value that is right, whatever it holds: "" is an empty text, and a list in an object is a list.
    """
    if len(calls) != len(expected):
        return f"{len(calls)} call{'s' if len(calls) != 1 else ''}, and {len(expected) or 'none'} expected"
    if len(calls) == 1:
        return call_difference(calls[0], expected[0], tools, exact)
    faults = [[call_difference(call, wanted, tools, exact) for call in calls] for wanted in expected]
    if all_matched([[fault is None for fault in row] for row in faults]):
        return None
    lonely = next((place for place, row in enumerate(faults) if None not in row), 0)
    same_name = [fault for call, fault in zip(calls, faults[lonely], strict=True) if fault and _same_name(call.name, _name(expected[lonely]))]
    told = same_name[0] if same_name else "two calls are the same, and one is missing" if None in faults[lonely] else "no call is of that function"
    return f"expected call {lonely + 1}, of {_name(expected[lonely])}: {told}"


def all_matched(fits: Sequence[Sequence[bool]]) -> bool:
    """Whether each expected call has a call of its own (augmenting paths)."""
    taken: dict[int, int] = {}
    given: dict[int, int] = {}
    for start in range(len(fits)):
        reached: dict[int, int] = {}
        waiting, free = [start], None
        while waiting and free is None:
            wanted = waiting.pop()
            for call in (place for place, good in enumerate(fits[wanted]) if good and place not in reached):
                reached[call] = wanted
                if call not in taken:
                    free = call
                    break
                waiting.append(taken[call])
        if free is None:
            return False
        while free is not None:  # each on the path gives up its call to the one before it
            wanted = reached[free]
            taken[free] = wanted
            given[wanted], free = free, given.get(wanted)
    return True


def call_difference(call: Call, expected: Expected, tools: Sequence[Tool], exact: bool = False) -> str | None:
    """What differs between a call and what is expected of it; None where nothing does."""
    name = _name(expected)
    if not _same_name(call.name, name):
        return f"it calls {call.name[:60]}, not {name}"
    wanted = expected[name]
    tool = next((tool for tool in tools if _same_name(tool.name, name)), Tool(name))
    if missing := [parameter for parameter in tool.required if parameter not in call.arguments]:
        return f'"{missing[0]}" is missing'
    for parameter, value in call.arguments.items():
        if parameter not in wanted or (tool.properties and parameter not in tool.properties):
            return f'"{parameter[:60]}" is not expected'
        if fault := _value_fault(value, wanted[parameter], tool.properties.get(parameter, {}), exact):
            return f"{parameter}: {fault}"
    left_out = [parameter for parameter, values in wanted.items() if parameter not in call.arguments and (exact or OMITTED not in values)]
    return f'"{left_out[0]}" is missing' if left_out else None


def _name(expected: Expected) -> str:
    return next(iter(expected), "")


def _same_name(one: str, other: str) -> bool:
    """Some interfaces allow no dot in a name, and write an underscore."""
    return one == other or one.replace(".", "_") == other.replace(".", "_")


def _value_fault(value: Any, right: Sequence[Any], schema: Mapping[str, Any], exact: bool) -> str | None:
    listed = [one for one in right if exact or one != OMITTED]
    kinds = _PYTHON_TYPES.get(str(schema.get("type")), ())
    # a value of another type than declared is right where one of that type is listed: the name of a variable, null
    if kinds and not _is_of(value, kinds) and not any(type(one) is type(value) for one in listed if one != ""):
        return f"{value!r:.80} is of another type than {schema['type']}"
    items = schema.get("items")
    of_items = _PYTHON_TYPES.get(str(items.get("type")), ()) if isinstance(items, Mapping) else ()
    if of_items and isinstance(value, list) and not all(_is_of(item, of_items) for item in value) and value not in listed:
        return f"{value!r:.80} has an item of another type than its schema says"
    if value == "" and OMITTED in right:
        return None
    if any(_equal(value, one, exact) for one in listed):
        return None
    return f"{value!r:.80} is none of {', '.join(f'{one!r:.60}' for one in listed[:5]) or 'the values'}"


def _is_of(value: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, kinds)


def _equal(value: Any, right: Any, exact: bool) -> bool:
    """Whether a value is one that is right. In lists each item is a value; in objects each value is a list of those that are right, or, with `exact`,
    the one that is."""
    if isinstance(value, bool) or isinstance(right, bool):
        return value is right
    if isinstance(right, str):
        return isinstance(value, str) and _same_text(value, right)
    if isinstance(right, int | float):
        return isinstance(value, int | float) and value == right
    if isinstance(right, Mapping):
        return isinstance(value, Mapping) and _equal_objects(value, right, exact)
    if isinstance(right, Sequence):
        same_length = isinstance(value, list) and len(value) == len(right)
        return same_length and all(_equal(one, other, exact) for one, other in zip(value, right, strict=True))
    return bool(value == right)


def _same_text(one: str, other: str) -> bool:
    """Numbers and lone signs are compared with their marks: "1.5" is not "15", and "-" is not "*"."""
    if _DECIMAL.fullmatch(one) and _DECIMAL.fullmatch(other):
        return float(one) == float(other)
    plain = plain_text(one)
    return plain == plain_text(other) and (bool(plain) or one.strip() == other.strip())


def _equal_objects(value: Mapping[str, Any], right: Mapping[str, Any], exact: bool) -> bool:
    if exact:
        return value.keys() == right.keys() and all(_equal(value[name], one, exact) for name, one in right.items())
    if any(name not in right for name in value):
        return False
    return all(
        any(_equal(value[name], one, exact) for one in allowed) if name in value else OMITTED in allowed for name, allowed in _alternatives(right)
    )


def _alternatives(right: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    for name, allowed in right.items():
        yield name, allowed if isinstance(allowed, list) else [allowed]


def plain_text(text: str) -> str:
    """A text as it is compared.

    >>> plain_text("New-York, N.Y.") == plain_text("new york ny"), plain_text("10.5 km") == plain_text("105 km")
    (True, False)
    """
    return _IGNORED.sub(r"\1", unicodedata.normalize("NFKC", text)).casefold().replace("'", '"')
