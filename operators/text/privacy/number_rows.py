"""Rows of numbers that look like the groups of one long number, and are none: years, sizes, counts, prices, times of the day."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

_YEAR: Final = "(?:1[5-9]|20)[0-9]{2}(?:[-/][0-9]{2})?"
_YEARS: Final = re.compile(rf"{_YEAR}(?: ?[-/. ] ?{_YEAR})*")
"""And seasons: 1992-93 1993-94."""
_DECIMALS: Final = re.compile(r"[0-9]+\.[0-9]+(?: [0-9]+\.[0-9]+)*")
_SPACED: Final = re.compile("[0-9]+(?: [0-9]+)+")
"""Marks between the groups, as in (310) 440-7300, are those of one number."""
_GROUP: Final = re.compile("[0-9]+")
_UNIT: Final = re.compile(
    r" ?(?:[kKMGTP]i?[Bb](?:ps|it|yte)?s?|[kMGT]?Hz|[КМГТ]?Гц|[МГТ]Б|[kcmµμn]m|[kmµμ]g|[kmc]?l|px|pt|dpi|fps|rpm|bpm|ppm|k?cal|[kMGT]?Wh?|mAh|kN|"
    r"[kM]?Pa|min|ms|EUR|USD|GBP|CHF|JPY|CNY|INR|PLN|RUB|руб|млн|млрд|тыс|thousand|million|billion|trillion|mio|mrd|Millionen|millions|millones|milhões)(?![^\W_])|"
    r" ?[%‰°€£¥₹₽元円원万亿億年度]"
)


def groups_of(value: str) -> list[str]:
    return _GROUP.findall(value)


def is_of_years_or_decimals(value: str) -> bool:
    return bool(_YEARS.fullmatch(value) or _DECIMALS.fullmatch(value))


def is_followed_by_a_unit(text: str, end: int) -> bool:
    """128 256 512 GB"""
    return bool(_UNIT.match(text, end))


def is_row(value: str) -> bool:
    """Years; a zero in front of each of three or more (02 03 04 05); round numbers; steps of the same size, or by the same factor."""
    groups = groups_of(value)
    if is_of_years_or_decimals(value) or (len(groups) > 2 and all(group[0] == "0" for group in groups)):
        return True
    if len(groups) < 2 or not _SPACED.fullmatch(value):
        return False
    if groups[0][0] == "0" and len(set(map(len, groups))) > 1:  # 0400 500 600 is called, 0800 1200 1600 are times of the day
        return False
    return _are_round(groups) or _are_steps([int(group) for group in groups])


def _are_round(groups: list[str]) -> bool:
    """0800 1200 1600 are times of the day; 0800 100 200 is called."""
    if any(group[0] == "0" for group in groups) and len(set(map(len, groups))) > 1:
        return False
    end = "0" if len(groups) > 2 else "00"
    return all(len(group) > 2 and group.endswith(end) for group in groups)


def _are_steps(numbers: list[int]) -> bool:
    if len(numbers) < 3:
        return False
    return len({after - before for before, after in pairwise(numbers)}) == 1 or (
        numbers[0] > 0 and all(after * numbers[0] == before * numbers[1] and after > before for before, after in pairwise(numbers))
    )


def is_part_of_a_row(text: str, start: int, end: int) -> bool:
    """Whether groups of digits with spaces between them are a part of more such groups."""
    return (start >= 2 and text[start - 1] == " " and text[start - 2].isdigit()) or (text[end : end + 1] == " " and text[end + 1 : end + 2].isdigit())
