"""Whether a number of an answer has the unit that it was returned with: 2448.5 km are no 2448.5 miles."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from operators.bases.math_answers.units import KNOWN, MONEY, Measure
from operators.bases.stated_numbers import Amount, amounts_in, readings

_UNIT_FIELDS: Final = frozenset(("unit", "units", "currency"))
_WORD: Final = re.compile(r"[^\W\d_]+|[$€£¥₹]")
_PARTS_OF_NAME: Final = re.compile(r"[a-z]+|[A-Z][a-z]*")
_OTHER_WORDS: Final = frozenset("in min sec second seconds cup cups m s g t h l n".split())
"""Names of units that are more often something else where they end the name of a field: "temp_min"."""

_CLOSE: Final = 0.01

Returned = Mapping[float, set[Measure]]


def returned_units(result: Any) -> Iterator[tuple[float, Measure]]:
    """The numbers of a result, each with the unit that stands with it: in a text, in a field "unit" beside it, or in the name of its field."""
    if isinstance(result, str):
        for amount in amounts_in(result):
            if measure := _measure(amount.unit):
                yield amount.number, measure
    elif isinstance(result, list):
        for item in result:
            yield from returned_units(item)
    elif isinstance(result, Mapping):
        beside = [measure for name, value in result.items() if name.casefold() in _UNIT_FIELDS and (measure := _measure(value))]
        for name, value in result.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield from ((abs(float(value)), measure) for measure in _of_field(name) or beside)
            elif name.casefold() not in _UNIT_FIELDS:
                yield from returned_units(value)


def other_unit(text: str, returned: Returned, said: Callable[[], Iterable[str]]) -> str | None:
    """The first number of an answer that has another unit than it was returned with, one that nobody has spoken of; None where there is none."""
    spoken: set[Measure | None] | None = None
    for amount in amounts_in(text):
        measure = _measure(amount.unit)
        if measure is None:
            continue
        known = set().union(*(returned.get(number, set()) for (number, *more) in readings(amount.written) if not more))
        alike = {one for one in known if _kind(one) == _kind(measure)}
        if alike and measure not in alike:
            spoken = {_measure(word) for one in said() for word in _WORD.findall(one)} if spoken is None else spoken
            if measure not in spoken:
                return f"{amount.written} {amount.unit}"
    return None


def converted(amount: Amount, others: Iterable[tuple[float, Measure]]) -> bool:
    """Whether an amount is one of the others in another unit, to one part in a hundred: 37 °C for 98.6 °F, 5200 m for 5.2 km."""
    measure = _measure(amount.unit)
    if measure is None:
        return False
    own = _in_base(amount.number, measure)
    return any(_kind(other) == _kind(measure) != "money" and math.isclose(own, _in_base(number, other), rel_tol=_CLOSE) for number, other in others)


def measured(amounts: Iterable[Amount]) -> Iterator[tuple[float, Measure]]:
    """Those whose unit is known."""
    return ((amount.number, measure) for amount in amounts if (measure := _measure(amount.unit)))


def _in_base(number: float, measure: Measure) -> float:
    if measure.dimensions == KNOWN["fahrenheit"].dimensions:
        return (number - 32) / 1.8 + 273.15
    return number + 273.15 if measure.dimensions == KNOWN["celsius"].dimensions else number * float(measure.factor)


def _measure(unit: Any) -> Measure | None:
    if not isinstance(unit, str):
        return None
    return KNOWN.get(unit) or (KNOWN.get(unit.casefold()) if len(unit) > 1 else None)


def _of_field(name: str) -> list[Measure]:
    parts = _PARTS_OF_NAME.findall(name)
    measure = _measure(parts[-1].casefold()) if len(parts) > 1 and parts[-1].casefold() not in _OTHER_WORDS else None
    return [measure] if measure else []


def _kind(measure: Measure) -> object:
    """What it measures: money of any currency is one kind, and so is temperature on any scale."""
    bases = {base for base, _ in measure.dimensions}
    if bases <= MONEY:
        return "money"
    return "temperature" if bases <= {"celsius", "fahrenheit"} else measure.dimensions
