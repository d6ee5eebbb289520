"""Numbers in the forms in which answers write them, read exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from operators.bases.math_answers.units import CURRENCY, KNOWN, MONEY, Measure, readings, related, says_nothing, unit_of
from operators.bases.number_words import spoken_numbers

_LONGEST_NUMBER: Final = 400
_LARGEST_EXPONENT: Final = 400
_DIGITS: Final = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)"
_DECIMAL: Final = rf"(?:{_DIGITS}(?:\.\d+)?|\.\d+)"
_SIGN: Final = r"(?P<sign>[+-]?)\s*"
_POWER_OF_TEN: Final = r"(?:[eE](?P<e>[+-]?\d+)|\s*(?:\\times|\\cdot|\*|x)\s*10\s*\^\s*\{?\s*(?P<ten>[+-]?\d+)(?:\s*\})?)?"
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
_SHARE: Final = re.compile(rf"(?P<part>{_DIGITS})\s+(?:[A-Za-z]+\s+)?out\s+of\s+(?:every\s+|the\s+)?(?P<whole>{_DIGITS})(?:\s+[A-Za-z]+)*")
_EACH: Final = re.compile(r"\s*(?:/|(?:a|an|per|each|every)\s)")
_PART: Final = re.compile(rf"(?P<joint>\s*(?:,\s*)?(?:and\s+)?)(?P<number>{_DECIMAL})\s*(?P<name>[A-Za-z]+)\.?")
_FEET_AND_INCHES: Final = re.compile(r"(\d+)\s*'\s*(\d+(?:\.\d+)?)\s*(?:\"|'')?")
_FRACTION_WORDS: Final = {
    name: number
    for number, names in {2: "half halves", 3: "third thirds", 4: "quarter quarters fourth fourths", 5: "fifth fifths"}.items()
    for name in names.split()
}
_NUMBER_WORDS: Final = frozenset(
    (
        "a and zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
        " twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion"
    ).split()
) | frozenset(_FRACTION_WORDS)
_MOST_WORDS: Final = 12
_SCALES: Final = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
    "score": 20,
    "lakh": 10**5,
    "lakhs": 10**5,
    "crore": 10**7,
    "crores": 10**7,
    "万": 10**4,
    "亿": 10**8,
    "千": 1000,
}
_SCALED: Final = re.compile(
    r"\s*((?:hundred|thousand|million|billion|trillion|dozen|lakhs?|crores?)(?![A-Za-z])|万|亿|千(?![克米瓦]))(.*)", re.IGNORECASE | re.DOTALL
)
_EUROPEAN: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d{1,3}(?:\.\d{3})+),(?P<rest>\d+)(?P<tail>.*)|(?P<groups>[+-]?\d{1,3}(?:\.\d{3}){2,})(?P<end>\D.*)?", re.DOTALL
)
"""Points between thousands: "1.234,56", "1.000.000"."""
_RECURRING: Final = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<whole>\d*)\.(?P<rest>\d*)"
    r"(?:\\(?:overline|bar|dot)\s*\{(?P<period>\d+)\}|\\dot\s*(?P<digit>\d)|\((?P<bracketed>\d+)\))(?P<tail>.*)",
    re.DOTALL,
)
_CHINESE_DIGITS: Final = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_CHINESE_SHARE: Final = re.compile(r"(?P<whole>[零一二三四五六七八九十百千两]+)分之(?P<part>[零一二三四五六七八九十百千两]+)")
_ROUNDED_FROM: Final = 4
"""A decimal of so many places, or significant digits, stands for the value that it is rounded from."""


OUT_OF: Final = "out of"
"""The unit of "5 out of 12", which is 5/12 and may be given as 5."""


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
    mixed: bool = False
    """Whether it adds up several units, as "1 h 20 min" does. Its own unit is the first."""

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
    if european := _EUROPEAN.fullmatch(text):
        groups = european["groups"]
        text = (
            f"{groups.replace('.', '')}{european['end'] or ''}"
            if groups
            else (f"{european['sign']}{european['whole'].replace('.', '')}.{european['rest']}{european['tail']}")
        )
    if recurring := _RECURRING.fullmatch(text):
        return _with_tail(_recurring(recurring), recurring["tail"], currency[0].strip() if currency else "")
    comma = _LEADING_ZERO_COMMA.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text)
    if comma is not None and (comma["whole"] == "0" or unit_of(comma["tail"])):
        text = f"{comma['sign']}{comma['whole']}.{comma['rest']}{comma['tail']}"
    if share := _SHARE.fullmatch(text):
        part, whole = (Fraction(share[name].replace(",", "").replace(" ", "")) for name in ("part", "whole"))
        return Quantity(part / whole, unit=OUT_OF, places=None) if whole else None
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _with_tail(_written(found), found["tail"], currency[0].strip() if currency else "") or (None if currency else _mixed(text))
    number = _number_in_words(text)
    return None if number is None else Quantity(number, places=0 if number.denominator == 1 else None)


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


def _recurring(found: re.Match[str]) -> Quantity:
    r"""0.1\overline{6} is 16/90 - 1/90."""
    period = found["period"] or found["digit"] or found["bracketed"]
    before, whole = found["rest"], Fraction(found["whole"] or 0)
    value = whole + Fraction(int(before or 0), 10 ** len(before)) + Fraction(int(period), 10 ** len(before) * (10 ** len(period) - 1))
    return Quantity(-value if found["sign"] == "-" else value, places=None)


def _with_tail(quantity: Quantity | None, tail: str, currency: str) -> Quantity | None:
    if quantity is None:
        return None
    if scaled := _SCALED.fullmatch(tail):
        quantity, tail = replace(quantity, value=quantity.value * _SCALES[scaled[1].casefold()], grouped=False), scaled[2]
    if tail.lstrip().startswith("%"):
        return replace(quantity, percent=True, unit="") if unit_of(tail.lstrip()[1:]) is not None else None
    unit = "" if currency and _EACH.match(tail) else unit_of(tail)
    if unit is None:
        return None
    return replace(quantity, unit=(unit_of(f" {currency.removeprefix('US')}{tail}") or currency) if currency else unit)


def _mixed(text: str) -> Quantity | None:
    """The sum of several units of one measure, each smaller than the one before: "1 hour and 20 minutes", "5 ft 6 in", "5'6"."""
    if primes := _FEET_AND_INCHES.fullmatch(text):
        return Quantity(Fraction(primes[1]) + Fraction(primes[2]) / 12, unit="ft", places=None, mixed=True)
    parts = _parts(text)
    names = [part["name"] for part in parts]
    measures = [KNOWN.get(name) or KNOWN.get(name.casefold()) for name in names]
    if len(parts) < 2:
        return None
    if any(measure is not None and measure.dimensions == KNOWN["h"].dimensions for measure in measures):
        measures = [KNOWN["min"] if name == "m" else measure for name, measure in zip(names, measures, strict=True)]
    known = [measure for measure in measures if measure is not None]
    numbers = [Fraction(part["number"].replace(",", "").replace(" ", "")) for part in parts]
    if len(known) < len(parts) or len({measure.dimensions for measure in known}) > 1:
        return None
    sizes = [number * measure.factor for number, measure in zip(numbers, known, strict=True)]
    if any(size >= larger.factor for size, larger in zip(sizes[1:], known, strict=False)):
        return None
    return Quantity((-1 if text.startswith("-") else 1) * sum(sizes) / known[0].factor, unit=names[0], places=None, mixed=True)


def _parts(text: str) -> list[re.Match[str]]:
    """Numbers with a name each, that make up the whole text, but for words at its end. Two with a comma alone between them are a list."""
    parts: list[re.Match[str]] = []
    at = len(text) - len(text.lstrip("+- "))
    while part := _PART.match(text, at):
        parts.append(part)
        at = part.end()
    only_commas = len(parts) == 2 and parts[1]["joint"].strip() == ","
    return [] if only_commas or re.search(r"[^\sA-Za-z.,]", text[at:]) else parts


def _number_in_words(text: str) -> Fraction | None:
    """ "twelve", "one hundred and five", "two thirds", "十二", "三分之二": numbers alone."""
    words = re.split(r"[\s-]+", text.casefold())
    if len(words) <= _MOST_WORDS and all(word in _NUMBER_WORDS for word in words):
        fraction = _FRACTION_WORDS.get(words[-1])
        said = spoken_numbers(words[:-1] if fraction else words)
        if fraction and (not said or said[0] in ("a", "1")) and len(said) <= 1:
            return Fraction(1, fraction)
        if len(said) == 1 and said[0].isdigit():
            return Fraction(int(said[0]), fraction or 1)
        return None
    if share := _CHINESE_SHARE.fullmatch(text):
        whole, part = (_chinese(share[name]) for name in ("whole", "part"))
        return Fraction(part, whole) if part is not None and whole else None
    number = _chinese(text.rstrip("个只元米岁人天"))
    return None if number is None else Fraction(number)


def _chinese(body: str) -> int | None:
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
    """Whether two quantities are one; None where that is not known, or one may be the other, rounded to too few digits to tell.

    Units of one measure are converted. A unit that only one of them has says nothing; one that is not known, beside one that is, leaves it open.
    "28%" is 28 and also 0.28.
    """
    if not says_nothing(gold.unit) and not says_nothing(answer.unit) and gold.unit != answer.unit:
        return _with_units(gold, answer)
    shares = [quantity.unit == OUT_OF for quantity in (gold, answer)]
    if shares[0] != shares[1] and (answer if shares[0] else gold).value >= 1 and not (gold.percent or answer.percent):
        return None
    if gold.mixed != answer.mixed and gold.unit != answer.unit:
        return True if gold.value == answer.value else None
    if gold.percent != answer.percent:
        share, number = (gold, answer) if gold.percent else (answer, gold)
        hundredth = replace(share, value=share.value / 100, places=None if share.places is None else share.places + 2)
        return same_number(share, number) or same_number(hundredth, number)
    return same_number(gold, answer)


def _with_units(gold: Quantity, answer: Quantity) -> bool | None:
    """Two quantities of different units."""
    golds, answers = readings(gold.unit), readings(answer.unit)
    if not golds and not answers:  # things counted: 5 apples are 5 pieces of fruit, 2 pairs may be 4 socks
        same_thing = gold.unit.casefold().rstrip("s") == answer.unit.casefold().rstrip("s")
        return same_number(gold, answer) or (False if same_thing else None)
    if not golds or not answers:
        return None
    pairs = [(one, other) for one in golds for other in answers]
    alike = next(((one, other) for one, other in pairs if one.dimensions == other.dimensions), None)
    if alike is not None:
        return _converted(gold, answer, alike[0].factor / alike[1].factor)
    if any(related(one, other) or _rate_of(one, other) for one, other in pairs):
        return True if gold.value == answer.value and any(_rate_of(one, other) for one, other in pairs) else None
    return False


def _rate_of(one: Measure, other: Measure) -> bool:
    """Whether one is money and the other money for each of something: "18 dollars" may be said for "18 dollars a day"."""
    smaller, larger = sorted((one.dimensions, other.dimensions), key=len)
    return smaller < larger and len(smaller) == 1 and all(base in MONEY and power == 1 for base, power in smaller)


def _converted(gold: Quantity, answer: Quantity, ratio: Fraction) -> bool | None:
    """Whether gold times the ratio is the answer; None where one of them may be the other, rounded. Whole numbers of one system are exact."""
    if gold.value * ratio == answer.value:
        return True
    for coarse, other, factor in ((answer, gold, ratio), (gold, answer, 1 / ratio)):
        if coarse.places or (coarse.places == 0 and ratio != 1 and _of_two_systems(ratio)):
            said = same_number(coarse, replace(other, value=other.value * factor, places=None))
            if said is not False:
                return said
    return False


def _of_two_systems(ratio: Fraction) -> bool:
    """Whether units convert by a number that nobody writes out, as miles and kilometres do, and not by powers of 10 and 60, or 5280."""
    rest = ratio.numerator * ratio.denominator
    for prime in (2, 3, 5, 7, 11):
        while rest % prime == 0:
            rest //= prime
    return rest > 1


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
