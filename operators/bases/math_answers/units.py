"""Units that stand after numbers: which of them measure the same, and by what factor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

_MEASURES: Final[Mapping[str, Mapping[str, str]]] = {
    "length": {
        "mm millimeter millimeters millimetre millimetres 毫米": "1/1000",
        "cm centimeter centimeters centimetre centimetres 厘米": "1/100",
        "dm decimeter decimeters 分米": "1/10",
        "m meter meters metre metres 米": "1",
        "km kilometer kilometers kilometre kilometres 千米 公里": "1000",
        "inch inches in": "0.0254",
        "foot feet ft": "0.3048",
        "yard yards yd": "0.9144",
        "mile miles mi": "1609.344",
    },
    "mass": {
        "mg milligram milligrams 毫克": "1/1000",
        "g gram grams 克": "1",
        "kg kilogram kilograms kilo kilos 千克 公斤": "1000",
        "t ton tons tonne tonnes 吨": "1000000",
    },
    "time": {
        "s sec secs second seconds 秒": "1",
        "min mins minute minutes 分钟": "60",
        "h hr hrs hour hours 小时": "3600",
        "day days 天": "86400",
        "week weeks 周": "604800",
    },
    "volume": {
        "ml mL milliliter milliliters millilitre millilitres 毫升": "1/1000",
        "l L liter liters litre litres 升": "1",
    },
    "money": {"cent cents ¢ 分": "1/100", "dollar dollars $ usd USD": "1"},
    "yuan": {"角": "1/10", "元 yuan ¥ RMB rmb 块": "1"},
    "euro": {"€ euro euros EUR": "1"},
    "pound": {"£ GBP": "1"},
    "rupee": {"Rs rs Rs. ₹ rupee rupees INR": "1"},
    "angle": {"degree degrees 度": "1"},
}  # fmt: skip

KNOWN: Final[Mapping[str, tuple[str, Fraction]]] = {
    name: (measure, Fraction(factor)) for measure, names in _MEASURES.items() for spelled, factor in names.items() for name in spelled.split()
}
"""Unit -> what it measures, and how many of the base unit it is."""

CURRENCY: Final = re.compile(r"^(?:US\s?\$|[$€£¥₹]|Rs\.?(?![A-Za-z])|USD(?![A-Za-z])|EUR(?![A-Za-z])|RMB(?![A-Za-z]))\s*")

_MATHEMATICAL: Final = frozenset(
    "pi sin cos tan cot sec csc log ln exp sqrt mod and or is not infinity infty alpha beta gamma theta lambda sum lim max min gcd lcm"
    " arcsin arccos arctan sinh cosh tanh if when where for than then times plus minus over equals equal".split()
)  # fmt: skip
_TAIL: Final = re.compile(r"(?P<space>\s*)(?P<word>[A-Za-z\u4e00-\u9fff¢$€£¥°Ω'.\-]+)(?P<power>\s*\^\s*\{?\s*[23]\s*\}?)?(?P<rest>.*)", re.DOTALL)
_REST: Final = re.compile(r"[\sA-Za-z\u4e00-\u9fff'.,/()\-]*(?:\^\s*\{?\s*[23]\s*\}?)?[\s.]*")


def unit_of(tail: str) -> str | None:
    """The unit, or the thing counted, in what follows a number; "" for nothing, None where it is no unit but mathematics.

    >>> unit_of(" cm"), unit_of("km/h"), unit_of(" apples"), unit_of("x"), unit_of(" pi")
    ('cm', 'km/h', 'apples', None, None)
    """
    tail = tail.strip(" .") if not tail.startswith(" ") else " " + tail.strip(" .")
    if not tail.strip():
        return ""
    found = _TAIL.fullmatch(tail)
    if found is None or not _REST.fullmatch(found["rest"]):
        return None
    word = found["word"].strip("-.'")
    if not word or word.casefold() in _MATHEMATICAL:
        return None
    known = word in KNOWN or word.casefold() in KNOWN
    if word.isascii() and not known and (len(word) < 3 or not found["space"]) and not tail.startswith("-"):
        return None
    if word.isascii() and len(word) == 1 and not found["space"] and word not in "$€£¥" and not found["power"]:
        return None  # "3m" is three times m, "3 m" three metres
    return re.sub(r"[\s{}]+", "", word + (found["power"] or "") + (found["rest"] if found["rest"].strip().startswith("/") else ""))


def measured(unit: str) -> tuple[str, Fraction] | None:
    """What a unit measures and its factor; None for a unit, or a thing, that the table does not have."""
    return KNOWN.get(unit) or KNOWN.get(unit.casefold())
