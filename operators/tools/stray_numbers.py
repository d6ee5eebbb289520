"""Numbers of an answer that come from nowhere: neither said nor returned, nor a rounding of that, nor what it comes to."""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from operators.bases.stated_numbers import Amount, amounts_in, numbers_in, readings
from operators.tools.returned_units import Returned, converted, measured

_COARSEST: Final = 0.05
"""Of a number, what rounding may leave out at most."""
_MOST_ADDED: Final = 30
"""Numbers before another one, and after it, that are added up."""
_MOST_CONVERTED: Final = 100
"""Numbers of an answer that are tried in other units."""
_FEW: Final = 8
"""Numbers of which any two may be added or taken from each other: of more, some two come to almost any number."""
_COUNTED: Final = 12.0
"""Whole numbers up to this stand in answers for other reasons than what a function returned: counts, places in a list."""


def stray_number(text: str, known: set[float], returned: Returned) -> float | None:
    """The first number of an answer that is neither known, nor what known numbers of it, of the same unit, come to, nor one in another unit."""
    lenient = known | {number * 100 for number in known if 0 < number < 1} | {number / 100 for number in known}
    lenient |= {number % 100 for number in known if 1900 < number < 2100}  # 24 of 2024
    lenient |= {number % 10_000 for number in known if number > 1e7}  # the end of a card's number
    at_hand = sorted(abs(number) for number in lenient)
    amounts = amounts_in(text)
    fitting: dict[str, list[int]] = {}
    strays = []
    for place, amount in enumerate(amounts):
        if _fits(amount, at_hand):
            fitting.setdefault(amount.unit, []).append(place)
        else:
            strays.append(place)
    counts = [count for count in numbers_in(text) if 1 < count <= _COUNTED and count.is_integer()] if strays else []
    measures = [*measured(amounts[place] for places in fitting.values() for place in places)] if strays else []
    measures += ((number, measure) for number, found in returned.items() for measure in found)
    for looked_at, place in enumerate(strays):
        places, number = fitting.get(amounts[place].unit, []), amounts[place].number
        at = bisect_left(places, place)
        if looked_at < _MOST_CONVERTED and converted(amounts[place], measures):
            continue
        if not _is_reckoned(number, [amounts[other].number for other in places[max(0, at - _MOST_ADDED) : at + _MOST_ADDED]], counts):
            return number
        places.insert(at, place)
    return None


def _fits(amount: Amount, at_hand: Sequence[float]) -> bool:
    """Whether a number, in one way of reading it, is one of those at hand, rounded as it is written; or a count that needs no source."""
    ways = readings(amount.written)
    if all(number <= _COUNTED and number.is_integer() for way in ways for number in way):
        return True
    alone = ways[:1] if ways[0][0] >= 1000 else ways  # "1,005" is no 1 and no 5
    *whole, rest = re.split(r"\D", amount.written)
    for way in alone:
        decimals = len(rest) if whole and way[0] < float("".join(whole) + rest) and len(way) == 1 else 0
        if any(all(_is_rounding(number, decimals, scale, at_hand) for number in way) for scale in (1.0, amount.scale)):
            return True
    return False


def _is_rounding(number: float, decimals: int, scale: float, at_hand: Sequence[float]) -> bool:
    """Of 1234.56, 1234.6 and 1,235 are roundings, and so are 1,230 and 1,200: the zeros that a number ends with may stand for what was left out."""
    last = 10.0**-decimals
    if not decimals:
        digits = f"{number:.0f}"
        zeros = len(digits) - len(digits.rstrip("0"))
        last = max((10.0**count for count in range(zeros + 1) if 10.0**count <= _COARSEST * number), default=1.0)
    place = bisect_left(at_hand, number * scale)
    return any(abs(number * scale - one) < last * scale for one in at_hand[max(0, place - 1) : place + 1])


def _is_reckoned(number: float, beside: Sequence[float], counts: Sequence[float]) -> bool:
    """Whether a number is the sum of numbers that follow each other; or, where there are few, the sum or the difference of any two, or one of them
    times a count."""
    sums = list(itertools.accumulate(beside, initial=0.0))
    found = [sums[end] - sums[start] for start in range(len(beside)) for end in range(start + 2, len(sums))]
    if len(beside) <= _FEW:
        found += [total for one, other in itertools.combinations(beside, 2) for total in (one + other, abs(one - other))]
        found += [one * count for one in beside for count in counts]
    return any(math.isclose(number, one, abs_tol=0.005) for one in found)
