"""Numbers in the forms in which answers write them, read exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from operators.bases.math_answers.units import CURRENCY, measured, unit_of

_LONGEST_NUMBER: Final = 400
_LARGEST_EXPONENT: Final = 400
_DIGITS: Final = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)"
_DECIMAL: Final = rf"(?:{_DIGITS}(?:\.\d+)?|\.\d+)"
_SIGN: Final = r"(?P<sign>[+-]?)\s*"
_POWER_OF_TEN: Final = r"(?:[eE](?P<e>[+-]?\d+)|\s*(?:\\times|\\cdot|\*|x)\s*10\s*\^\s*\{?\s*(?P<ten>[+-]?\d+)\s*\}?)?"
_FORMS: Final = tuple(
    re.compile(_SIGN + form + r"(?P<tail>.*)", re.DOTALL)
    for form in (
        r"(?P<whole>\d+)\s*\\frac\s*\{\s*(?P<over>\d+)\s*\}\s*\{\s*(?P<under>\d+)\s*\}",
        r"(?P<whole>\d+)(?:\s+|\s*-\s*|又)(?P<over>\d+)\s*/\s*(?P<under>\d+)",
        rf"\\frac\s*\{{\s*(?P<inner>-?)\s*(?P<over>{_DECIMAL})\s*\}}\s*\{{\s*(?P<under>{_DECIMAL})\s*\}}",
        rf"(?P<over>{_DECIMAL})\s*/\s*(?P<under>{_DECIMAL})",
        rf"(?P<number>{_DECIMAL}){_POWER_OF_TEN}",
    )
)
_DECIMAL_COMMA: Final = re.compile(r"(?P<sign>[+-]?)\s*(?P<whole>\d+),(?P<rest>\d{1,2}|\d{4,})(?P<tail>\D.*)", re.DOTALL)
_LEADING_ZERO_COMMA: Final = re.compile(r"(?P<sign>[+-]?)\s*(?P<whole>0),(?P<rest>\d+)(?P<tail>.*)", re.DOTALL)
_WORDS: Final = {
    word: number
    for number, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
        ).split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12, "万": 10**4, "亿": 10**8, "千": 1000}
_SCALED: Final = re.compile(r"\s*(hundred|thousand|million|billion|dozen|万|亿|千(?![克米瓦]))(.*)", re.IGNORECASE | re.DOTALL)
_CHINESE_DIGITS: Final = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_ROUNDED_FROM: Final = 4
"""A decimal of so many places, or significant digits, stands for the value that it is rounded from."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, with what stands beside it. `value` is what is written: 28 for "28%"."""

    value: Fraction
    percent: bool = False
    unit: str = ""
    places: int | None = 0
    """Digits behind the decimal point; None for a fraction."""
    grouped: bool = False
    """Whether commas part its digits: "100,200" might be two numbers."""

    @property
    def terminates(self) -> bool:
        rest = self.value.denominator
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        return rest == 1


def read_quantity(text: str) -> Quantity | None:
    r"""A number with its currency, percent sign, scale and unit; None where the text is more than that, or no number.

    >>> read_quantity("1,000.50 dollars").value, read_quantity(r"1\frac{1}{2}").value, read_quantity("-3.2e3").value, read_quantity("3x")
    (Fraction(2001, 2), Fraction(3, 2), Fraction(-3200, 1), None)
    """
    text = text.strip()
    if not text or len(text) > _LONGEST_NUMBER:
        return None
    sign_first = re.match(r"-\s*(?=[$€£¥₹])", text)
    currency = CURRENCY.match(text[sign_first.end() :] if sign_first else text)
    if currency is not None:
        text = ("-" if sign_first else "") + text[(sign_first.end() if sign_first else 0) + currency.end() :]
    comma = _LEADING_ZERO_COMMA.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text)
    if comma is not None and (comma["whole"] == "0" or unit_of(comma["tail"])):
        text = f"{comma['sign']}{comma['whole']}.{comma['rest']}{comma['tail']}"
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _with_tail(_written(found), found["tail"], currency[0].strip() if currency else "")
    number = _number_in_words(text)
    return None if number is None else Quantity(Fraction(number))


def _written(found: re.Match[str]) -> Quantity | None:
    parts = {name: part for name, part in found.groupdict().items() if part is not None}
    sign = -1 if (parts["sign"] == "-") != (parts.get("inner") == "-") else 1

    def number(name: str) -> Fraction:
        return Fraction(parts[name].replace(",", "").replace(" ", ""))

    if "under" in parts:
        if not number("under"):
            return None
        whole = number("whole") if "whole" in parts else Fraction(0)
        return Quantity(sign * (whole + number("over") / number("under")), places=None)
    exponent = int(parts.get("e") or parts.get("ten") or 0)
    if abs(exponent) > _LARGEST_EXPONENT:
        return None
    places = len(parts["number"].partition(".")[2])
    return Quantity(sign * number("number") * Fraction(10) ** exponent, places=max(0, places - exponent), grouped="," in parts["number"])


def _with_tail(quantity: Quantity | None, tail: str, currency: str) -> Quantity | None:
    if quantity is None:
        return None
    if scaled := _SCALED.fullmatch(tail):
        quantity, tail = replace(quantity, value=quantity.value * _SCALES[scaled[1].casefold()], grouped=False), scaled[2]
    if tail.lstrip().startswith("%"):
        return replace(quantity, percent=True, unit="") if unit_of(tail.lstrip()[1:]) is not None else None
    unit = unit_of(tail)
    return None if unit is None else replace(quantity, unit=currency or unit)


def _number_in_words(text: str) -> int | None:
    """ "twelve", "twenty-one", "十二": small whole numbers alone."""
    words = re.split(r"[\s-]+", text.casefold())
    if len(words) <= 2 and all(word in _WORDS for word in words):
        numbers = [_WORDS[word] for word in words]
        if len(numbers) == 1 or (numbers[0] >= 20 and 0 < numbers[1] < 10):
            return sum(numbers)
        return None
    body = text.rstrip("个只元米岁人天")
    if not body or len(body) > 9 or any(sign not in _CHINESE_DIGITS and sign not in _CHINESE_PLACES for sign in body):
        return None
    total, digit = 0, 0
    for sign in body:
        if sign in _CHINESE_PLACES:
            total += (digit or 1) * _CHINESE_PLACES[sign]
            digit = 0
        else:
            digit = _CHINESE_DIGITS[sign]
    return total + digit


def same_quantity(gold: Quantity, answer: Quantity) -> bool | None:
    """Whether two quantities are one; None where one may be the other, rounded to too few digits to tell.

    Units of one measure are converted; a unit that only one of them has, or that the table lacks, says nothing. "28%" is 28 and also 0.28.
    """
    known = measured(gold.unit), measured(answer.unit)
    if known[0] is not None and known[1] is not None:
        if known[0][0] != known[1][0]:
            return False
        if known[0][1] != known[1][1]:
            return gold.value * known[0][1] == answer.value * known[1][1]
    if gold.percent != answer.percent:
        share, number = (gold, answer) if gold.percent else (answer, gold)
        hundredth = replace(share, value=share.value / 100, places=None if share.places is None else share.places + 2)
        return same_number(share, number) or same_number(hundredth, number)
    return same_number(gold, answer)


def same_number(one: Quantity, other: Quantity) -> bool | None:
    """Exactly the same; or a decimal of four digits or more that the other, exact or of more digits, rounds to."""
    if one.value == other.value:
        return True
    if one.places is not None and other.places is not None:
        coarse, fine = (one, other) if one.places <= other.places else (other, one)
        if coarse.places == fine.places or not coarse.places:
            return False
    else:
        coarse, fine = (one, other) if one.places is not None else (other, one)
        if coarse.places is None:
            return False
    assert coarse.places is not None
    if abs(coarse.value - fine.value) * 10**coarse.places > Fraction(1, 2):
        return False
    if _enough_digits(coarse):
        return True
    return False if fine.places is not None else None


def rounding(decimal: Quantity) -> tuple[float, bool] | None:
    """Half a unit of its last place, and whether it has digits enough to stand for what it was rounded from; None for what is no decimal."""
    if not decimal.places:
        return None
    return 0.5 * 10.0**-decimal.places, _enough_digits(decimal)


def _enough_digits(decimal: Quantity) -> bool:
    assert decimal.places is not None
    significant = len(str(abs(int(decimal.value * 10**decimal.places))))
    return decimal.places >= 3 and max(decimal.places, significant) >= _ROUNDED_FROM
