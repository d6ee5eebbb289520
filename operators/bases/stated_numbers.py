"""The numbers that a text states, however they are written: "1.200,50", "12 500", "30万", "twenty-five", "zwei"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from operators.bases.number_words import plain_number, spoken_numbers, with_digits

_NUMBER: Final = re.compile(r"\d+(?:[,'\u2019\u202f](?=\d{3}(?!\d))\d{3})*(?:\.\d+)?")
_WRITTEN: Final = re.compile(r"\d+(?:[.,'\u2019\u202f]\d+)*")
"""A number with all that may part its digits: "1.200,50", and also "14,15" and "2024.05.03"."""
_AMOUNT: Final = re.compile(rf"([$€£¥₹₩₽])?\s?({_WRITTEN.pattern})(?:[ \u00a0]?(°[CF]\b|[%°$€£¥₹₩₽]|[^\W\d_]+))?")
_UNITS_OF_DEGREES: Final = {"°C": "celsius", "°F": "fahrenheit"}
_LONGEST_NUMBER: Final = 40
_DOTTED_THOUSANDS: Final = re.compile(r"\d{1,3}(?:\.\d{3})+")
_COUNTING: Final = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_SCALED: Final = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?(?:(k(?![a-z\d])|thousand|tausend|тысяч)|(m(?![a-z\d])|milli[oó]n|millone|mio\b|млн|миллион)"
    r"|(bn?(?![a-z\d])|billion|milliard|mrd\b|млрд)|(%|percent|per cent|prozent|por ciento|pour cent)|(lakh)|(crore))",
    re.IGNORECASE,
)
_SCALES: Final = (1e3, 1e6, 1e9, 0.01, 1e5, 1e7)
"""What the groups of `_SCALED` multiply by."""
_AND_A_HALF: Final = re.compile(r"\b(\d{1,9}) and a half\b")
_FRACTION: Final = re.compile(r"(?<![\d/⁄])(\d{1,4})[/⁄](\d{1,4})(?![\d/⁄])")
_AFTERNOON: Final = re.compile(
    r"\b(\d{1,2})(?::\d\d)?\s?(?:p\.?m\b|(?:o'clock )?(?:in the (?:afternoon|evening)|at night))|(?:下午|晚上|午後|오후)\s?(\d{1,2})", re.IGNORECASE
)
_NUMBER_WORDS: Final[Mapping[str, float]] = {
    **{
        word: float(number)
        for counted in (
            "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
            "eine deux trois quatre cinq six sept huit neuf dix onze douze",
            "un dos tres cuatro cinco seis siete ocho nueve diez doce",
            "una due tre quattro cinque sei sette otto nove dieci undici dodici",
            "um dois três quatro cinco seis sete oito nove dez onze doze",
            "een twee drie vier vijf zes zeven acht negen tien elf twaalf",
            "один два три четыре пять шесть семь восемь девять десять",
        )
        for number, word in enumerate(counted.split(), 1)
    },
    "une": 1.0,
    "две": 2.0,
    "half": 0.5,
    "quarter": 0.25,
    "a": 1.0,
    "an": 1.0,
    "once": 1.0,
    "single": 1.0,
    "couple": 2.0,
    "twice": 2.0,
    "both": 2.0,
    "pair": 2.0,
    "first": 1.0,
    "second": 2.0,
    "third": 3.0,
    "fourth": 4.0,
    "hundred": 100.0,
    "thousand": 1000.0,
    "dozen": 12.0,
    "noon": 12.0,
    "week": 7.0,
    "weekly": 7.0,
    "monthly": 12.0,
    "quarterly": 4.0,
}


def numbers_in(text: str) -> set[float]:
    """The numbers that a text states, however these may be read: digits of any script, with thousands, percent, million, p.m., and as words.

    >>> sorted(numbers_in("1.200,50 or 1,250km")), numbers_in("twenty-five") >= {25.0}, numbers_in("三十万元") >= {300000.0}
    ([1.0, 1.25, 250.0, 1200.5, 1250.0], True, True)
    """
    plain = with_digits(text)
    words = [word.casefold() for word in _COUNTING.findall(plain)]
    counted = spoken_numbers(words)
    found = {number for written in {*_WRITTEN.findall(plain)} for reading in readings(written) for number in reading}
    found |= {float(word) for word in {*counted} - {*words} if word.replace(".", "", 1).isdigit()}
    spoken = " ".join(counted) if counted != words else ""
    found |= {float(whole) + 0.5 for whole in _AND_A_HALF.findall(spoken)}
    found |= {float(part) / float(whole) for part, whole in {*_FRACTION.findall(plain)} if float(whole)}
    for amount, *scales in {*_SCALED.findall(plain), *_SCALED.findall(spoken)}:
        scale = next(scale for named, scale in zip(scales, _SCALES, strict=True) if named)
        found |= {number * scale for number in readings(amount)[0]}
    found |= {float(hour or other) + 12 for hour, other in _AFTERNOON.findall(plain) if int(hour or other) < 12}
    return found | {_NUMBER_WORDS[word] for word in {*words} & _NUMBER_WORDS.keys()}


def readings(written: str) -> list[tuple[float, ...]]:
    """What digits with marks between them may mean, the likeliest first: one number, or several that stand together.

    >>> readings("1.250"), readings("14,15"), readings("2024.05.03")
    ([(1.25,), (1250.0,)], [(14.15,), (14.0, 15.0)], [(2024.0, 5.0, 3.0)])
    """
    parts = tuple(float(part) for part in re.split(r"\D", written))
    if len(parts) == 1 or len(written) > _LONGEST_NUMBER:
        return [parts]
    marks = re.sub(r"\d", "", written)
    one = plain_number(re.sub(r"[\u2019\u202f]", "'", written))
    found: list[tuple[float, ...]] = [(float(one),)] if one.count(".") <= 1 and one.replace(".", "", 1).isdigit() else []
    if _DOTTED_THOUSANDS.fullmatch(written):
        found.append((float(written.replace(".", "")),))
    if marks == ",":
        found.append((float(written.replace(",", ".")),))
    if not found or "." not in marks:
        found.append(parts)  # 1,200 may be a number or two
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that stands in a text in digits, with the sign before it, else the sign or the word after it."""

    written: str
    unit: str
    scale: float
    """What "million", "k", "%", ... after it multiply it by, else 1."""

    @property
    def number(self) -> float:
        return readings(self.written)[0][0]


def amounts_in(text: str) -> list[Amount]:
    """The numbers that stand in a text in digits, in their order.

    >>> [(one.unit, one.written, one.scale) for one in amounts_in("$12 and 3,5 km, 7; $2B")]
    [('$', '12', 1.0), ('km', '3,5', 1.0), ('', '7', 1.0), ('$', '2', 1000000000.0)]
    """
    found = _AMOUNT.findall(with_digits(text))
    return [Amount(written, sign or _UNITS_OF_DEGREES.get(after) or after.casefold(), _scale_of(after)) for sign, written, after in found]


def _scale_of(word: str) -> float:
    match = _SCALED.match(f"1{word}") if word else None
    return next((scale for named, scale in zip(match.groups()[1:], _SCALES, strict=True) if named), 1.0) if match else 1.0


def digits_in(text: str) -> set[float]:
    """The numbers that stand in a text in digits, as they stand there."""
    return {float(re.sub(r"[,'\u2019\u202f]", "", match)) for match in _NUMBER.findall(text)}
