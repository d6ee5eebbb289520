"""Units that stand after numbers: products of powers of known ones, what they measure, and how they convert."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

_BASE_UNITS: Final[Mapping[str, Mapping[str, str]]] = {
    "length": {
        "毫米": "1/1000",
        "厘米": "1/100",
        "分米": "1/10",
        "m meter meters metre metres 米": "1",
        "千米 公里": "1000",
        "inch inches in": "0.0254",
        "foot feet ft": "0.3048",
        "yard yards yd yds": "0.9144",
        "mile miles mi": "1609.344",
    },
    "mass": {
        "毫克": "1/1000",
        "g gram grams gramme grammes 克": "1",
        "kilo kilos 千克 公斤": "1000",
        "t ton tons tonne tonnes 吨": "1000000",
        "lb lbs pound pounds": "453.59237",
        "oz ounce ounces": "28.349523125",
    },
    "time": {
        "s sec secs second seconds 秒": "1",
        "min mins minute minutes 分钟": "60",
        "h hr hrs hour hours 小时": "3600",
        "day days 天": "86400",
        "week weeks 周": "604800",
    },
    "calendar": {"month months": "1", "year years yr yrs 年": "12", "decade decades": "120", "century centuries": "1200"},
    "money": {"cent cents ¢ 分": "1/100", "dollar dollars $ usd USD": "1"},
    "yuan": {"角": "1/10", "元 yuan ¥ RMB rmb 块": "1"},
    "euro": {"€ euro euros EUR": "1"},
    "sterling": {"£ GBP": "1", "pence": "1/100"},
    "rupee": {"Rs rs Rs. ₹ rupee rupees INR": "1"},
    "angle": {"degree degrees 度": "1"},
    "radian": {"rad radian radians": "1"},
    "celsius": {"celsius Celsius": "1"},
    "fahrenheit": {"fahrenheit Fahrenheit": "1"},
    "charge": {"coulomb coulombs": "1"},
}  # fmt: skip
_DERIVED: Final[Mapping[str, tuple[str, str]]] = {
    "毫升": ("m^3", "1/1000000"),
    "l L liter liters litre litres 升": ("m^3", "1/1000"),
    "gallon gallons gal": ("m^3", "0.003785411784"),
    "quart quarts": ("m^3", "0.000946352946"),
    "pint pints": ("m^3", "0.000473176473"),
    "floz": ("m^3", "0.0000295735295625"),
    "cup cups": ("m^3", "0.0002365882365"),
    "acre acres": ("m^2", "4046.8564224"),
    "hectare hectares ha": ("m^2", "10000"),
    "mph": ("mi/h", "1"),
    "kph kmh": ("m/h", "1000"),
    "fps": ("ft/s", "1"),
    "N newton newtons": ("g m/s^2", "1000"),
    "J joule joules": ("g m^2/s^2", "1000"),
    "W watt watts": ("g m^2/s^3", "1000"),
    "Wh watthour watthours": ("g m^2/s^2", "3600000"),
    "Pa pascal pascals": ("g/m/s^2", "1000"),
    "Hz hertz": ("s^{-1}", "1"),
    "cal calorie calories": ("g m^2/s^2", "4184"),
}
_PREFIXES: Final = (
    ({"k": 3, "M": 6, "G": 9, "c": -2, "d": -1, "m": -3, "n": -9, "µ": -6, "μ": -6}, "m g s l L N J W Wh Pa Hz cal"),
    (
        {"kilo": 3, "mega": 6, "giga": 9, "centi": -2, "deci": -1, "milli": -3, "micro": -6, "nano": -9},
        "meter meters metre metres gram grams second seconds liter liters litre litres newton newtons joule joules watt watts watthour watthours"
        " pascal pascals hertz calorie calories",
    ),
)
_OTHER_READINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("pound", "pounds"), "£"),
    **dict.fromkeys(("degree", "degrees"), "celsius fahrenheit"),
    **dict.fromkeys(("oz", "ounce", "ounces"), "floz"),
}
"""What else a name of a unit may stand for."""

Dimensions = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a unit measures, as powers of base units, and how many of these it is."""

    dimensions: Dimensions
    factor: Fraction

    def times(self, other: Measure, power: int = 1) -> Measure:
        powers = dict(self.dimensions)
        for base, exponent in other.dimensions:
            powers[base] = powers.get(base, 0) + power * exponent
        return Measure(frozenset((base, exponent) for base, exponent in powers.items() if exponent), self.factor * other.factor**power)


ONE: Final = Measure(frozenset(), Fraction(1))


def _table() -> dict[str, Measure]:
    table = {
        name: Measure(frozenset({(base, 1)}), Fraction(factor))
        for base, names in _BASE_UNITS.items()
        for spelled, factor in names.items()
        for name in spelled.split()
    }
    for spelled, (written, factor) in _DERIVED.items():
        powers = [
            (table[name], int(power or 1) * (-1 if over else 1))
            for over, name, power in re.findall(r"(/?)\s*([A-Za-z]+)(?:\^\{?(-?\d)\}?)?", written)
        ]
        measure = Measure(frozenset(), Fraction(factor))
        for part, power in powers:
            measure = measure.times(part, power)
        table |= dict.fromkeys(spelled.split(), measure)
    for prefixes, names in _PREFIXES:
        for name in names.split():
            for prefix, exponent in prefixes.items():
                table.setdefault(prefix + name, Measure(table[name].dimensions, table[name].factor * Fraction(10) ** exponent))
    return table


KNOWN: Final[Mapping[str, Measure]] = _table()
"""Name or symbol of a unit -> what it measures."""

CURRENCY: Final = re.compile(r"^(?:US\s?\$|[$€£¥₹]|Rs\.?(?![A-Za-z])|USD(?![A-Za-z])|EUR(?![A-Za-z])|RMB(?![A-Za-z]))\s*")

_MATHEMATICAL: Final = frozenset(
    "pi sin cos tan cot sec csc log ln exp sqrt mod and or is not infinity infty alpha beta gamma theta lambda sum lim max min gcd lcm"
    " arcsin arccos arctan sinh cosh tanh if when where for than then times plus minus over equals equal squared cubed factorial".split()
)  # fmt: skip
_TAIL: Final = re.compile(r"(?P<space>\s*)(?P<word>[A-Za-z\u4e00-\u9fff¢$€£¥°Ω'.\-]+)(?P<power>\s*\^\s*\{?\s*[23]\s*\}?)?(?P<rest>.*)", re.DOTALL)
_REST: Final = re.compile(r"[\sA-Za-z\u4e00-\u9fff'.,/()\-]*(?:\^\s*\{?\s*[23]\s*\}?)?[\s.]*")
_FACTOR: Final = re.compile(
    r"\s*(?P<joint>/|\\cdot(?![A-Za-z])|\\times(?![A-Za-z])|[*·-]|(?:per|a|an|each|every)(?=\s))?\s*\(?(?P<area>(?:square|sq|cubic|cu)\b\.?\s*)?"
    r"(?P<name>degrees?\s+(?:C|F|[Cc]elsius|[Ff]ahrenheit)(?![A-Za-z])|[A-Za-zµμ]+|[\u4e00-\u9fff]+|[$€£¥₹¢])"
    r"(?P<power>\s*\^\s*\{?\s*-?\d\s*\}?(?!\d)|\s+squared\b|\s+cubed\b)?\)?"
)
_INVERTING: Final = frozenset(("/", "per", "a", "an", "each", "every"))
_MODIFIER: Final = re.compile(r"(\s+)(?:more|full|whole|extra|additional|further)(?=\s+[A-Za-z])")
_SAYS_NOTHING: Final = frozenset("unit units square cubic sq total altogether left remaining more only".split())
_RELATED: Final = (frozenset(("time", "calendar")), frozenset(("angle", "radian")), frozenset(("celsius", "fahrenheit")))
"""Measures of which one converts into the other, but by no exact factor."""
MONEY: Final = frozenset(("money", "yuan", "euro", "sterling", "rupee"))


def unit_of(tail: str) -> str | None:
    """The unit, or the thing counted, in what follows a number; "" for nothing, None where it is no unit but mathematics.

    >>> unit_of(" cm"), unit_of("km/h"), unit_of(" apples"), unit_of("x"), unit_of(" pi"), unit_of(" m s^{-1}")
    ('cm', 'km/h', 'apples', None, None, 'm s^-1')
    """
    tail = tail.strip(" .") if not tail.startswith(" ") else " " + tail.strip(" .")
    if not tail.strip():
        return ""
    tail = _MODIFIER.sub(r"\1", tail, count=1)
    if (end := _product(tail)[1]) and _REST.fullmatch(tail[end:]) and (tail[0] in " /$€£¥¢" or len(_first_name(tail)) > 1 or tail.startswith("m/s")):
        return " ".join(re.sub(r"[{}]+", "", tail[:end]).split())
    found = _TAIL.fullmatch(tail)
    if found is None or not _REST.fullmatch(found["rest"]):
        return None
    word = found["word"].strip("-.'")
    if not word or word.casefold() in _MATHEMATICAL:
        return None
    if word.isascii() and word not in KNOWN and (len(word) < 3 or not found["space"]) and not tail.startswith("-"):
        return None
    if word.isascii() and len(word) == 1 and not found["space"] and word not in "$€£¥" and not found["power"]:
        return None  # "3m" is three times m, "3 m" three metres
    return re.sub(r"[\s{}]+", "", word + (found["power"] or "") + (found["rest"] if found["rest"].strip().startswith("/") else ""))


@functools.lru_cache(maxsize=4096)
def readings(unit: str) -> tuple[Measure, ...]:
    """What a unit may measure; nothing for a unit, or a thing, that is not known. Pounds are a mass or money, ounces a mass or a volume."""
    measure, end = _product(unit)
    if measure is None or unit[end:].strip():
        return ()
    return (measure, *(KNOWN[name] for name in _OTHER_READINGS.get(unit, "").split()))


def says_nothing(unit: str) -> bool:
    return not unit or unit.casefold() in _SAYS_NOTHING


def related(one: Measure, other: Measure) -> bool:
    """Whether they measure the same in two ways that have no exact factor, as hours and years."""
    kinds = [frozenset(base for base, _ in measure.dimensions) for measure in (one, other)]
    return any(kinds[0] <= pair and kinds[1] <= pair for pair in _RELATED)


def _first_name(tail: str) -> str:
    found = _FACTOR.match(tail)
    return found["name"] + (found["power"] or "") if found else ""


def _named(name: str) -> Measure | None:
    if " " in name:
        return KNOWN["celsius" if name.split()[-1][0] in "Cc" else "fahrenheit"]
    return KNOWN.get(name) or (KNOWN.get(name.casefold()) if len(name) > 1 else None)


def _product(text: str) -> tuple[Measure | None, int]:
    """What the known units at the beginning of a text measure together, and where they end."""
    measure, end = None, 0
    for found, named in _factors(text):
        power = _power(found)
        measure = (measure or ONE).times(named, -power if found["joint"] in _INVERTING else power)
        end = found.end()
    return measure, end


def _factors(text: str) -> Iterator[tuple[re.Match[str], Measure]]:
    at = 0
    while (found := _FACTOR.match(text, at)) and (named := _named(found["name"])):
        beside = text[found.end() : found.end() + 1]
        is_joined = found["joint"] or found["power"] or beside == "/" or (len(found["name"]) == 1 and not beside)
        if bool(found["joint"]) if at == 0 else not is_joined:
            return
        yield found, named
        at = found.end()


def _power(found: re.Match[str]) -> int:
    written = (found["power"] or "").strip(" ^{}") or (found["area"] or "1")
    return {"sq": 2, "cu": 3}.get(written[:2]) or int(re.sub(r"[^\d-]", "", written))
