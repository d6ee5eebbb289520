"""Numbers of identity documents: found by their form, believed by their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input

_CANDIDATE = r"[0-9]{6}[-0-9]|[STFGM][0-9]{7}[A-Z]|[0-9]{3}-[0-9]{2}-[0-9]{4}"
"""What every number below contains; in the syntax of RE2, to pass over most texts quickly."""


def is_chinese_identity_number(number: str) -> bool:
    """18 characters: region, date of birth, sequence, and a check digit (GB 11643-1999, ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
    return _is_date(number[6:10], number[10:12], number[12:14]) and "10X98765432"[total % 11] == number[17].upper()


def is_korean_registration_number(number: str) -> bool:
    """Date of birth, sex and century, and a check digit: 900101-1234568."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    total = sum(digit * weight for digit, weight in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False))
    century = "18" if digits[6] in (9, 0) else "19" if digits[6] in (1, 2, 5, 6) else "20"
    return _is_date(century + number[:2], number[2:4], number[4:6]) and (11 - total % 11) % 10 == digits[12]


def is_singapore_identity_number(number: str) -> bool:
    """NRIC and FIN: a letter, seven digits and a check letter."""
    total = sum(int(digit) * weight for digit, weight in zip(number[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(number[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}[number[0]]
    return letters[total % 11 if number[0] != "M" else 10 - total % 11] == number[8]


def is_social_security_number(number: str) -> bool:
    """United States: no check digit, but areas, groups and serials that were never given out."""
    area, group, serial = number.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000" and number not in ("078-05-1120", "219-09-9999")


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return 1850 <= date(int(year), int(month), int(day)).year <= 2100
    except ValueError:
        return False


KINDS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])", re.ASCII), is_chinese_identity_number),
    (re.compile(r"(?<![0-9A-Za-z-])\d{6}-[0-9]\d{6}(?![0-9A-Za-z-])", re.ASCII), is_korean_registration_number),
    (re.compile(r"(?<![0-9A-Za-z])[STFGM]\d{7}[A-Z](?![0-9A-Za-z])", re.ASCII), is_singapore_identity_number),
    (re.compile(r"(?<![0-9A-Za-z-])\d{3}-\d{2}-\d{4}(?![0-9A-Za-z-])", re.ASCII), is_social_security_number),
)


def find_identity_numbers(text: str) -> list[str]:
    """All numbers of known form whose check holds."""
    return [match.group() for pattern, is_valid in KINDS for match in pattern.finditer(text) if is_valid(match.group())]


class IdentityNumberFilter(Filter):
    """Drop texts with numbers of identity documents: Chinese, Korean, Singaporean and United States ones. Writing about identity is no reason."""

    covers = ("IDCardFilter",)
    source = "GB 11643-1999; Korean RRN; Singapore NRIC; United States SSA"

    input_text = Input(str)
    max_numbers: int = Field(0, ge=0)

    def keep_batch(self, text: pa.Array) -> Verdict:
        possible = np.flatnonzero(pc.match_substring_regex(text, _CANDIDATE).cast(pa.uint8()).to_numpy(zero_copy_only=False))
        keep = np.ones(len(text), np.bool_)
        reasons: list[str | None] = [None] * len(text)
        for row in possible.tolist():
            found = len(find_identity_numbers(text[row].as_py()))
            if found > self.max_numbers:
                keep[row] = False
                reasons[row] = f"{self.name}: identity numbers = {found}, above max_numbers = {self.max_numbers}"
        return Verdict(keep, reasons)
