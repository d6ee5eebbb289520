"""What a kind of identity number looks like and how it is believed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple


class IdentityNumber(NamedTuple):
    """A number by its shapes: 9 stands for a digit, A for a capital letter, anything else for itself.

    `clear` shapes are believed when the check holds. `common` shapes, which many other numbers have, also need one of the words beside them.
    `is_valid` is given the number without spaces and marks.
    """

    name: str
    clear: tuple[str, ...]
    common: tuple[str, ...]
    is_valid: Callable[[str], bool]
    words: str
    """With commas between them."""


def is_date(year: int, month: int, day: int) -> bool:
    try:
        return 1850 <= date(year, month, day).year <= 2100
    except ValueError:
        return False


def is_short_date(year: str, month: str, day: str) -> bool:
    """A year of two digits: of either century."""
    return is_date(2000 + int(year), int(month), int(day)) or is_date(1900 + int(year), int(month), int(day))
