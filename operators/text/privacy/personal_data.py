"""Personal data that a pattern can find and a checksum or a parser can confirm."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple, TypeAlias

from operators.text.privacy.identity_numbers import KINDS as IDENTITY_NUMBERS

PersonalDataKind: TypeAlias = Literal["email", "phone", "credit_card", "iban", "ip_address", "mac_address", "identity_number"]
ALL_KINDS: Final[tuple[PersonalDataKind, ...]] = ("email", "phone", "credit_card", "iban", "ip_address", "mac_address", "identity_number")

ANYTHING: Final = r"@|[0-9]{4}|[0-9][-. )][-. (]?[0-9]{2}|[0-9A-Fa-f]{1,4}[:.][0-9A-Fa-f]{1,4}[:.]|[A-Z]{2}[0-9]{2}"
"""What every kind contains; in the syntax of RE2, to pass over most texts quickly."""


class Found(NamedTuple):
    start: int
    end: int
    kind: PersonalDataKind


def is_credit_card_number(number: str) -> bool:
    """13 to 19 digits of a known issuer whose last is the check digit of Luhn (ISO/IEC 7812-1)."""
    digits = [int(character) for character in number if character.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in (2, 3, 4, 5, 6) or len(set(digits)) == 1:
        return False
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (doubled + sum(digits[-1::-2])) % 10 == 0


def is_iban(number: str) -> bool:
    """15 to 34 characters whose remainder by 97 is 1 (ISO 13616)."""
    compact = number.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def is_public_ip_address(address: str) -> bool:
    """Addresses of private, local, reserved and documentation networks point to nobody."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def is_phone_number(number: str) -> bool:
    """7 to 15 digits (ITU-T E.164), not all the same."""
    digits = [character for character in number if character.isdigit()]
    return 7 <= len(digits) <= 15 and len(set(digits)) > 1


def _always(_: str) -> bool:
    return True


_PATTERNS: Final[tuple[tuple[PersonalDataKind, re.Pattern[str], Callable[[str], bool]], ...]] = (
    (
        "email",
        re.compile(
            r"(?<![\w.+%/-])[A-Za-z0-9](?:[\w.+%-]{0,62}[\w+%-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![\w@-])"
        ),
        _always,
    ),
    ("iban", re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", re.ASCII), is_iban),
    *((("identity_number"), pattern, check) for pattern, check in IDENTITY_NUMBERS),
    ("credit_card", re.compile(r"(?<![\w.,+-])\d(?:[ -]?\d){12,18}(?![\w-]|[.,]\d)", re.ASCII), is_credit_card_number),
    ("mac_address", re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?P<mark>[:-])(?:[0-9A-Fa-f]{2}(?P=mark)){4}[0-9A-Fa-f]{2}(?![\w:-])"), _always),
    ("ip_address", re.compile(r"(?<![\w.:/-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\w)", re.ASCII), is_public_ip_address),
    ("ip_address", re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])", re.ASCII), is_public_ip_address),
    (
        "phone",
        re.compile(
            r"(?<![\w.,/+=-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,4}"
            r"|\(\d{3}\) ?\d{3}[-. ]\d{4}|\d{3}-\d{3}-\d{4}|\d{3}\.\d{3}\.\d{4}|1[3-9]\d-\d{4}-\d{4}"
            r"|(?i:(?<=tel: )|(?<=tel\. )|(?<=phone: )|(?<=call ))[0-9][0-9 ()./-]{5,18}[0-9])(?![\w@=-]|[.,]\d)",
            re.ASCII,
        ),
        is_phone_number,
    ),
)


def find_personal_data(text: str, kinds: Iterable[PersonalDataKind] = ALL_KINDS) -> list[Found]:
    """Where personal data stands in a text, in order, without overlaps (of two, the kind that is checked more strictly)."""
    wanted = set(kinds)
    found: list[Found] = []
    for kind, pattern, is_valid in _PATTERNS:
        if kind not in wanted:
            continue
        for match in pattern.finditer(text):
            if is_valid(match.group()) and not any(other.start < match.end() and match.start() < other.end for other in found):
                found.append(Found(match.start(), match.end(), kind))
    return sorted(found)
