"""Names of tables and columns as English words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNCOUNTED: Final = frozenset({"data", "information", "equipment", "staff", "series", "species", "media", "news", "people", "details", "status"})
_IRREGULAR: Final = {"person": "people", "child": "children", "man": "men", "woman": "women", "foot": "feet", "criterion": "criteria"}
_MISREAD: Final = re.compile(r"highest|lowest|average|maximum|minimum|most|least|high|low|first|last|(is|has|was|can|does|had|if) .*")
_SINGULAR: Final = {plural: singular for singular, plural in _IRREGULAR.items()}


def words(name: str) -> str:
    """
    >>> words("BillingPostalCode"), words("singer_in_concert"), words("Order Details")
    ('billing postal code', 'singer in concert', 'order details')
    """
    parts = _CAMEL.sub(" ", re.sub(r"[_\W]+", " ", name)).split()
    return " ".join(part if part.isupper() and len(part) <= 4 and len(parts) > 1 else part.lower() for part in parts) or name


def phrase(column: str) -> str:
    """A column as a question names it. A name that would be read as a word of the question stands in quotes.

    >>> phrase("UnitPrice"), phrase("Highest"), phrase("Is_male")
    ('unit price', '"highest" value', '"is male" value')
    """
    said = words(column)
    return f'"{said}" value' if _MISREAD.fullmatch(said) else said


def plural(noun: str) -> str:
    """
    >>> plural("invoice line"), plural("city"), plural("singers"), plural("bus"), plural("person")
    ('invoice lines', 'cities', 'singers', 'buses', 'people')
    """
    head, _, last = noun.rpartition(" ")
    head = f"{head} " if head else ""
    if last in _UNCOUNTED or last in _SINGULAR or (last.endswith("s") and not last.endswith(("ss", "us", "is"))):
        return noun
    if last in _IRREGULAR:
        return head + _IRREGULAR[last]
    if re.search(r"[^aeiou]y$", last):
        return f"{head}{last[:-1]}ies"
    return f"{head}{last}es" if last.endswith(("s", "x", "z", "ch", "sh")) else f"{head}{last}s"


def singular(noun: str) -> str:
    """
    >>> singular("customers"), singular("categories"), singular("buses"), singular("status"), singular("matches")
    ('customer', 'category', 'bus', 'status', 'match')
    """
    head, _, last = noun.rpartition(" ")
    head = f"{head} " if head else ""
    if last in _SINGULAR:
        return head + _SINGULAR[last]
    if last in _UNCOUNTED or last.endswith(("ss", "us", "is")) or not last.endswith("s"):
        return noun
    if last.endswith("ies") and len(last) > 4:
        return f"{head}{last[:-3]}y"
    return head + (last[:-2] if last.endswith(("ches", "shes", "xes", "sses", "buses")) else last[:-1])


def listed(phrases: Sequence[str], word: str = "and") -> str:
    """
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} {word} {phrases[-1]}"


def one(noun: str) -> str:
    """
    >>> one("album"), one("user"), one("track")
    ('an album', 'a user', 'a track')
    """
    vowel = noun[:1].lower() in "aeiou" and not re.match(r"(uni|use|eu|one)", noun, re.IGNORECASE)
    return f"{'an' if vowel else 'a'} {noun}"


def counted(number: int, noun: str) -> str:
    """
    >>> counted(1, "track"), counted(3, "track")
    ('track', '3 tracks')
    """
    return singular(noun) if number == 1 else f"{number} {plural(noun)}"


def more_than(number: int, noun: str) -> str:
    """
    >>> more_than(1, "track"), more_than(3, "track")
    ('more than one track', 'more than 3 tracks')
    """
    return f"more than {counted(number, noun) if number > 1 else f'one {singular(noun)}'}"


def value(of: Any) -> str:
    """A value in a question: texts in quotes, so that nobody has to guess where they end."""
    if isinstance(of, str):
        return f'"{of}"'
    return str(int(of)) if isinstance(of, float) and of.is_integer() else str(of)
