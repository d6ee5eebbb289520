"""Numbers of items as they are shown: 3, c, C, iii, III."""

from __future__ import annotations

from typing import Final

_ROMAN: Final = tuple(
    zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"), strict=True)
)
_MOST: Final = 3999


def shown(number: int, form: str) -> str:
    """The number in one of the forms "1", "a", "A", "i", "I" of HTML, or "01"; as digits where the form has no such number."""
    if form == "01":
        return f"{number:02}"
    if not 1 <= number <= _MOST or form not in ("a", "A", "i", "I"):
        return str(number)
    made = _roman(number) if form in "iI" else _letters(number)
    return made.upper() if form.isupper() else made


def _letters(number: int) -> str:
    """a to z, aa, ab, ..."""
    made = ""
    while number:
        number, place = divmod(number - 1, 26)
        made = chr(ord("a") + place) + made
    return made


def _roman(number: int) -> str:
    made = ""
    for value, sign in _ROMAN:
        times, number = divmod(number, value)
        made += sign * times
    return made
