"""Ways in which the last digits of a number follow from the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import Final


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, the sum of all digits a multiple of 10."""
    doubled = digits[-2::-2].translate(_DOUBLED)
    return (sum(map(int, digits[-1::-2])) + sum(map(int, doubled))) % 10 == 0


_DOUBLED: Final = str.maketrans("0123456789", "0246813579")
"""Each digit to the sum of the digits of its double."""


def remainder_by_97(text: str) -> int:
    """ISO 7064 MOD 97-10, letters counted from A = 10."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of each digit times its weight; weights begin anew when there are more digits."""
    return sum(int(digit) * weight for digit, weight in zip(digits, cycle(weights), strict=False))


_DIHEDRAL: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTED: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def verhoeff(digits: str) -> bool:
    """Verhoeff's check in the dihedral group of ten elements."""
    check, permutation = 0, list(range(10))
    for digit in reversed(digits):
        check = _DIHEDRAL[check][permutation[int(digit)]]
        permutation = [_PERMUTED[value] for value in permutation]
    return check == 0


def iso_7064_mod_11_10(digits: str) -> bool:
    product = 10
    for digit in digits[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10 == int(digits[-1])
