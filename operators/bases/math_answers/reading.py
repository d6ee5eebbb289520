"""What an answer is: a number, a choice, several values, an equation, a formula, or words."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from operators.bases.math_answers.cleaning import closing, strip_braces
from operators.bases.math_answers.matrices import table_in
from operators.bases.math_answers.numbers import Quantity, read_quantity
from operators.bases.math_answers.units import KNOWN, unit_of

_MOST_ITEMS: Final = 200
"""Values of an answer that is read as several. One of more is compared to the letter, or as a formula."""
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """A letter of a multiple choice. `delimited`: written as "(C)" or "C)", or alone, so that it is no word."""

    letter: str
    content: str = ""
    delimited: bool = True


@dataclass(frozen=True, slots=True)
class Several:
    """Values beside each other. A list has no order of its own, nor has a set; a tuple has. An interval is a tuple whose brackets count.

    A union is any of its items; "both" stands for inequalities that hold together.
    """

    kind: Literal["list", "set", "tuple", "union", "both"]
    items: tuple[Value, ...]
    brackets: str = ""
    """ "()", "[)": of a tuple."""
    names: tuple[str, ...] = ()
    """Of a tuple whose values are given with a name each."""


@dataclass(frozen=True, slots=True)
class Named:
    """ "x = 5": a value with the name that the answer gives it; and the whole, for equations that are written in another way."""

    name: str
    value: Value
    written: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """ "2:3", or a time of day. `rest`: "am" or "pm"."""

    first: str
    second: str
    rest: str = ""

    @property
    def clock(self) -> bool:
        return bool(self.rest) or (len(self.second) == 2 and self.second < "60" and len(self.first) <= 2)

    @property
    def minutes(self) -> int | None:
        """Since midnight, of a time of day; None for what is none."""
        if not (self.first.isdigit() and self.second.isdigit()) or int(self.first) > (12 if self.rest else 24) or int(self.second) > 59:
            return None
        hours = int(self.first) % 12 + 12 * (self.rest == "pm") if self.rest else int(self.first) % 24
        return 60 * hours + int(self.second)


@dataclass(frozen=True, slots=True)
class Based:
    """ "204_5": digits in a stated base."""

    digits: str
    base: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Its entries by rows. A determinant, between bars, is a number: it is compared as a formula where its entries differ."""

    rows: tuple[tuple[Value, ...], ...]
    written: str
    determinant: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(map(len, self.rows))


@dataclass(frozen=True, slots=True)
class Formula:
    """Mathematics that has to be worked out to be compared. `relation`: "=" an equation, "<" an inequality or membership, "" a value."""

    written: str
    relation: Literal["", "=", "<"] = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    written: str


Value: TypeAlias = Choice | Quantity | Several | Named | Ratio | Based | Matrix | Formula | Words

_CHOICE: Final = re.compile(
    r"(?:option|choice|answer|选项|选)?\s*[:：]?\s*\(?\s*([A-J])\s*(?:\)|\.(?!\d)|:(?=\s)|$)\s*(.*)", re.DOTALL | re.IGNORECASE
)
_LETTER_IN_BRACKETS: Final = re.compile(r"\(?[A-Ja-j]\)")
"""At the beginning of what follows a letter of a choice: "(a)(b)" is a product."""
_LEADING_LETTER: Final = re.compile(r"([A-J])(?:\s+(?=\S)|(?=[\u4e00-\u9fff]))(.*)", re.DOTALL)
_RATIO: Final = re.compile(r"(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)\s*([ap]\.?\s*m\.?)?", re.IGNORECASE)
_HOUR: Final = re.compile(r"(\d{1,2})\s*([ap]\.?\s*m\.?)", re.IGNORECASE)
_BASED: Final = re.compile(r"([0-9A-Fa-f]+)\s*_\s*\{?\s*(\d{1,2}|two|three|four|five|six|seven|eight|nine)\s*\}?")
_BASES: Final = {word: number for number, word in enumerate("two three four five six seven eight nine".split(), 2)}
_NAME: Final = re.compile(
    r"(?:[A-Za-z](?:_\{?\w+\}?)?'?|\\?[A-Za-z]{2,}|[A-Z]{1,3}\s*:\s*[A-Z]{1,3}|\\angle\s*[A-Z]{1,3}|m\\angle\s*[A-Z]{1,3}|[\u4e00-\u9fffA-Za-z\s]+"
    r"|\\?[A-Za-z]+(?:_\{?\w+\}?)?\s*\(\s*\w+(?:\s*,\s*\w+)*\s*\)|\(\s*[A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)+\s*\))\s*"
)
_RELATION: Final = re.compile(r"<|>|\\l[et](?![A-Za-z])|\\g[et](?![A-Za-z])|\\neq?(?![A-Za-z])|\\in(?![A-Za-z])|\\equiv|\\subset")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_COMMA_IN_NUMBER: Final = re.compile(r"(?<=\d),(?=\d)")
_HELD: Final = "\x01"
"""Stands for a comma that parts no values."""
_EQUALS: Final = re.compile(r"(?<![<>!:])=+")
_AND: Final = re.compile(r"(?<=[\d)}])\s*(?:and|or)(?=[A-Z(\d])|(?:\\text\{)?(?<![A-Za-z\\])(?:and|or)(?![A-Za-z])\}?|&(?!=)|和|或|以及")
_BOTH: Final = re.compile(r"(?<![A-Za-z\\])and(?![A-Za-z])|\\(?:land|wedge)(?![A-Za-z])")
_PART: Final = re.compile(r"\(?([a-h]|i{1,3}|iv|[1-8])\)\s+")
_LABELS: Final = ("abcdefgh", ("i", "ii", "iii", "iv"), "12345678")
"""Of the parts of a question, in their order."""
_BEFORE_MATRIX: Final = re.compile(r"(?<=[})\]])\s*(?:,|;|(?<![A-Za-z])and(?![A-Za-z]))\s*(?=[(\[]?\\begin(?![A-Za-z]))")
_MEASURED_FORMULA: Final = re.compile(
    r"(?P<formula>.*[^\s\\])\s+(?P<area>square\s+|cubic\s+|sq\.?\s+)?(?P<unit>[A-Za-z]{2,})(?P<power>\s*\^\s*\{?\s*[23]\s*\}?)?"
)
_PLUS_MINUS: Final = re.compile(r"\\(pm|mp)(?![A-Za-z])")
_COMMANDS: Final = re.compile(r"\\(?:begin|end)\s*\{\w+\*?\}(?:\s*\{[^{}]*\})?|\\[A-Za-z]+|_\{[^{}]*\}")
_MATH_NAMES: Final = re.compile(
    r"(?<![A-Za-z])(?:arc)?(?:sin|cos|tan|cot|sec|csc|sinh|cosh|tanh|log|ln|exp|sqrt|mod|max|min|gcd|lcm|det|lim|pi)(?![A-Za-z])"
)
_WORD: Final = re.compile(r"[A-Za-z]{3,}|[\u00c0-\u024f\u0370-\u1fff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+")


_DATE: Final = re.compile(r"((?:1\d|2[01])\d\d)-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])")
_WRITTEN_DATE: Final = re.compile(r"(?:0?[1-9]|[12]\d|3[01])([/.])(?:0?[1-9]|[12]\d|3[01])\1(?:1\d|2[01])\d\d")


def read(text: str, depth: int = 0) -> Value:
    r"""What a cleaned answer is.

    >>> read("(1, 2)").kind, read("x = 5").name, read("a+b"), read("no solution")
    ('tuple', 'x', Formula(written='a+b', relation='', unit=''), Words(written='no solution'))
    """
    text = strip_braces(text.strip())
    if date := _DATE.fullmatch(text):
        return Several("tuple", tuple(read(str(int(part)), depth + 1) for part in date.groups()))  # no difference of three numbers
    if _WRITTEN_DATE.fullmatch(text):
        return Words(text)
    if hour := _HOUR.fullmatch(text):
        return Ratio(hour[1], "00", re.sub(r"[.\s]", "", hour[2]).casefold())
    if quantity := read_quantity(text):
        return quantity
    if (
        text.startswith("(")
        and (end := closing(text, 0)) > 0
        and "," not in text[:end]
        and (counted := read_quantity(f"{text[1:end]} {text[end + 1 :].strip()}"))
    ):
        return counted
    if parts := _labelled(text, depth):
        return parts
    choice = _CHOICE.fullmatch(text)
    if choice and (not choice[2] or "(" in text[:2] or ")" in text[:12]) and not _LETTER_IN_BRACKETS.match(choice[2]):
        return Choice(choice[1], choice[2].strip())
    if ratio := _RATIO.fullmatch(text):
        return Ratio(ratio[1], ratio[2], re.sub(r"[.\s]", "", ratio[3] or "").casefold())
    if based := _BASED.fullmatch(text):
        return Based(based[1].upper(), _BASES.get(based[2]) or int(based[2]))
    if depth > _DEEPEST:
        return Formula(text)
    if r"\begin" in text and (table := table_in(text)):
        return Matrix(tuple(tuple(read(entry, depth + 1) for entry in row) for row in table.rows), text, table.determinant)
    return _bracketed(text, depth) or _listed(text, depth) or _related(text, depth) or _formula_or_words(text)


def leading_letter(text: str) -> Choice | None:
    """ "C Cecile": a letter and its content. It may also be a word ("A square"), so ask only where the other answer is a letter."""
    found = _LEADING_LETTER.fullmatch(text)
    return Choice(found[1], found[2].strip(), delimited=False) if found else None


def without_commas(quantity: str) -> Value | None:
    """ "100,200" as two numbers."""
    parts = [read_quantity(part) for part in quantity.split(",")]
    return Several("list", tuple(part for part in parts if part is not None)) if len(parts) > 1 and all(parts) else None


def is_prose(text: str) -> bool:
    """Whether there are words in it that are no names of mathematics."""
    return bool(_WORD.search(_MATH_NAMES.sub(" ", _COMMANDS.sub(" ", text))))


def has_words(text: str) -> bool:
    """Whether there are words of two letters or more in it, "is" and "of" as well."""
    return bool(re.search(r"[A-Za-z]{2,}", _MATH_NAMES.sub(" ", _COMMANDS.sub(" ", text))))


def words_in(text: str) -> int:
    return sum(len(found[0]) if found[0] > "\u2fff" else 1 for found in _WORD.finditer(_MATH_NAMES.sub(" ", _COMMANDS.sub(" ", text))))


def split_top(text: str, separators: str = ",;") -> list[str]:
    """Parts between separators that stand in no bracket."""
    parts, start, depth = [], 0, 0
    for place, mark in enumerate(text):
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth = max(0, depth - 1)
        elif depth == 0 and mark in separators:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _labelled(text: str, depth: int) -> Value | None:
    """ "(a) 3 (b) 5": the answers to the parts of a question, in their order."""
    labels = list(_PART.finditer(text)) if text[:4].rstrip().endswith(")") or ")" in text[:4] else []
    if len(labels) < 2 or labels[0].start() or [label[1] for label in labels] not in [list(order[: len(labels)]) for order in _LABELS]:
        return None
    ends = [*(label.start() for label in labels[1:]), len(text)]
    parts = [_AND.sub(",", text[label.end() : end]).strip(" ,;.") for label, end in zip(labels, ends, strict=True)]
    return Several("tuple", tuple(_items(parts, depth)), brackets="()") if all(parts) else None


def _bracketed(text: str, depth: int) -> Value | None:
    opening = 1 if text.startswith(r"\{") else 0
    if text[opening : opening + 1] not in tuple("([{") or closing(text, opening) != len(text) - 1:
        return None
    inner = text[opening + 1 : -1].strip()
    if opening:
        inner = inner.removesuffix("\\").strip()
    if ("|" in inner and opening) or r"\mid" in inner:
        return None  # a set by its condition
    parts = split_top(inner)
    if len(parts) > _MOST_ITEMS:
        return None
    if opening:
        return Several("set", tuple(_items(parts, depth))) if inner else Words("empty set")
    if len(parts) == 1:
        return read(inner, depth + 1) if text[0] == "(" and inner else None
    return Several("tuple", tuple(_items(parts, depth)), brackets=text[0] + text[-1])


def _listed(text: str, depth: int) -> Value | None:
    if r"\begin" in text:
        parts = _BEFORE_MATRIX.split(text)
        return Several("list", tuple(_items(parts, depth))) if 1 < len(parts) <= _MOST_ITEMS and all(map(table_in, parts)) else None
    together = [part.strip() for part in _BOTH.split(text)]
    if 1 < len(together) <= _MOST_ITEMS and all(_RELATION.search(part) for part in together):
        return Several("both", tuple(_items(together, depth)))
    one_number = _COMMA_IN_NUMBER if is_prose(text) or "$" in text else _THOUSANDS
    joined = one_number.sub(_HELD, text) if ", " in text or one_number is _COMMA_IN_NUMBER else text
    for separators in (";", ","):
        parts = [part.strip().replace(_HELD, ",") for part in split_top(_spaced_and(joined), separators) if part.strip()]
        if 1 < len(parts) <= _MOST_ITEMS and not (separators == "," and any(words_in(part) > 3 for part in parts)):
            items = _items(parts, depth)
            of_words = [item.written for item in items if isinstance(item, Words)]
            if not of_words or (len(of_words) == len(items) and all(words_in(word) <= 2 and not re.search(r"\d", word) for word in of_words)):
                return _of_names(items)
    pieces = [part.strip() for part in re.split(r"\\cup(?![A-Za-z])", text)]
    if 1 < len(pieces) <= _MOST_ITEMS and all(pieces) and not _EQUALS.search(text):
        return Several("union", tuple(_items(pieces, depth)))
    if _PLUS_MINUS.search(text) and "=" not in text:
        return Several("list", tuple(read(_with_sign(text, plus), depth + 1) for plus in (True, False)))
    return None


def _of_names(items: list[Value]) -> Value:
    """ "a = 4, -8": the name is said once. Of different names the values are a tuple in the order of the names: "y = 2, x = 1" is (1, 2)."""
    named = [item for item in items if isinstance(item, Named)]
    names = [item.name for item in named]
    stems = {name.partition("_")[0] for name in names}
    different = len(set(names))
    if len(named) == len(items) and 1 < different < len(items) and names == names[:different] * (len(items) // different):
        return Several("list", tuple(_of_names(items[at : at + different]) for at in range(0, len(items), different)))
    if len(named) == len(items) and len(stems) == len(items) and all(len(name) == 1 for name in names):
        ordered = sorted(named, key=lambda item: item.name)
        return Several("tuple", tuple(item.value for item in ordered), brackets="()", names=tuple(item.name for item in ordered))
    return Several("list", tuple(item.value if isinstance(item, Named) else item for item in _flat(items)))


def _flat(items: list[Value]) -> list[Value]:
    return list(itertools.chain.from_iterable(item.items if isinstance(item, Several) and item.kind == "list" else (item,) for item in items))


def _items(parts: list[str], depth: int) -> list[Value]:
    return [read(part.strip(), depth + 1) for part in parts if part.strip()]


def _spaced_and(text: str) -> str:
    """ "2 and 3" as "2 , 3", where that parts values, not words."""
    return _AND.sub(",", text) if words_in(_AND.sub(" ", text)) <= 4 else text


def _related(text: str, depth: int) -> Value | None:
    """Equations: the name on the left and the last right side, where the left side is a name; else the whole."""
    if r"\begin" in text and not _EQUALS.search(text.split(r"\begin")[0]):
        return None
    if _RELATION.search(text):
        return Formula(text, "<") if words_in(text) <= 2 else None
    parts = sides(text)
    if len(parts) < 2 or not parts[-1] or words_in(parts[-1]) > 3:
        return None
    if not parts[0] or words_in(text) > 12:
        return read(parts[-1], depth + 1) if parts[0] == "" else None
    first = _NAME.fullmatch(parts[0])
    if first and not (parts[0].isalpha() and parts[0].islower() and 1 < len(parts[0]) < 3):
        name = re.sub(r"\s+", "", parts[0])
        return Named(name, read(parts[-1], depth + 1), text)
    calculated = not re.search(r"[A-Za-z]", _COMMANDS.sub("", parts[0])) or is_prose(parts[0])
    if len(parts) > 2 or (calculated and read_quantity(parts[-1])):
        return read(parts[-1], depth + 1)
    return Formula(text, "=")


def sides(text: str) -> list[str]:
    """What stands on both sides of the equals signs that stand in no bracket: not of the one below a sum."""
    parts, start = [], 0
    for sign in _EQUALS.finditer(text):
        before = text[start : sign.start()]
        if sum(map(before.count, "([{")) <= sum(map(before.count, ")]}")):
            parts.append(before.strip())
            start = sign.end()
    return [*parts, text[start:].strip()]


def _formula_or_words(text: str) -> Value:
    measured = _MEASURED_FORMULA.fullmatch(text)
    if measured and (measured["unit"] in KNOWN or measured["unit"] in ("unit", "units")) and not is_prose(measured["formula"]):
        return Formula(measured["formula"], unit=unit_of(f" {measured['area'] or ''}{measured['unit']}{measured['power'] or ''}") or "")
    return Words(text) if is_prose(text) or text.casefold() in ("", "no") else Formula(text)


def _with_sign(text: str, plus: bool) -> str:
    return _PLUS_MINUS.sub(lambda found: "+" if (found[1] == "pm") == plus else "-", text)
