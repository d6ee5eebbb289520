"""Numbers of cards and of bank accounts: known issuers, countries and lengths, whose check digits hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from operators.bases.personal_data.findings import Certainty, Found
from operators.text.privacy.check_digits import luhn, remainder_by_97
from operators.text.privacy.spoken_words import ORDINARY_NUMBERS, is_said, is_said_before, spoken_words

_CARD: Final = re.compile(r"(?<![0-9A-Za-z_+])(?<![0-9][.,/:=-])(?<![/#$-])(?=([0-9](?:[ -]?[0-9]){11,18})(?![0-9A-Za-z_]|-[0-9]|[.,][0-9]))")
_IBAN: Final = re.compile(r"(?<![0-9A-Za-z])(?=([A-Z]{2}[0-9]{2}[ -]?[0-9A-Z](?:[ -]?[0-9A-Z]){9,32}))")

_GROUPS: Final = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 5), (4, 4, 4), (4, 4, 4, 3), (4, 4, 4, 4, 2), (6, 13), (4, 4, 4, 1)}
)
"""Digits between spaces as cards are printed."""

_ISSUERS: Final[tuple[tuple[str, int, int, frozenset[int]], ...]] = tuple(
    (name, first, last, frozenset(lengths))
    for name, lengths, ranges in (
        ("visa", (13, 16, 19), ((400000, 499999),)),
        ("mastercard", (16,), ((510000, 559999), (222100, 272099))),
        ("american_express", (15,), ((340000, 349999), (370000, 379999))),
        ("diners_club", (14, 16, 19), ((300000, 305999), (309500, 309599), (360000, 369999), (380000, 399999))),
        ("discover", (16, 19), ((601100, 601199), (622126, 622925), (644000, 659999))),
        ("jcb", (16, 19), ((352800, 358999),)),
        ("jcb", (15,), ((180000, 180099), (213100, 213199))),
        ("unionpay", (16, 17, 18, 19), ((620000, 629999), (810000, 817199))),
        ("mir", (16, 17, 18, 19), ((220000, 220499),)),
        ("rupay", (16,), ((508500, 508999), (606985, 607984), (608001, 608500), (817200, 820199))),
        ("troy", (16,), ((979200, 979289),)),
        ("verve", (16, 18, 19), ((506099, 506198), (507865, 507964))),
        (
            "elo",
            (16,),
            ((401178, 401179), (438935, 438935), (457631, 457632), (504175, 504175), (506699, 506778), (636297, 636297), (636368, 636368)),
        ),
        ("maestro", (12, 13, 14, 15, 16, 17, 18, 19), ((500000, 509999), (560000, 589999), (630400, 630499), (675900, 676399), (677000, 679999))),
    )
    for first, last in ranges
)
"""(issuer, first and last of the first six digits, lengths), from the issuers' own pages; the first that fits names the card."""

_CARD_WORDS: Final = spoken_words(
    """
        card, cards, visa, mastercard, amex, maestro, credit, debit, cc, pan, karte, kreditkarte, carte, tarjeta, cartão, carta, kaart,
        creditcard, karta, kartı, kart, карта, карты, 卡, 信用卡, カード, 카드, بطاقة, कार्ड, payment
    """
)
_IBAN_LENGTHS: Final[dict[str, int]] = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD FK", 19: "MK SI", 20: "AT BA EE KZ LT LU XK MN", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM TL SO", 24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST",
        26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC",
        32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""By the registry of ISO 13616 (SWIFT)."""


def find_credit_cards(text: str) -> Iterator[Found]:
    until = 0
    for match in _CARD.finditer(text):
        number, start = match[1], match.start(1)
        if start < until:
            continue
        groups = tuple(map(len, number.replace("-", " ").split(" ")))
        is_part_of_more = text[max(0, start - 1) : start] in (" ", "-") and text[max(0, start - 2) : start - 1].isdigit()
        if len(groups) > 1 and (groups not in _GROUPS or is_part_of_more or len(set(number) & {" ", "-"}) > 1):
            continue
        if not (issuer := issuer_of(number)):
            continue
        said = is_said(_CARD_WORDS, text, start, match.end(1))
        if len(groups) == 1 and not said and len(number) in (12, 13, 14, 17, 18):
            continue
        if len(groups) == 1 and is_said_before(ORDINARY_NUMBERS, text, start) and not is_said_before(_CARD_WORDS, text, start):
            continue
        until = match.end(1)
        yield Found(start, until, "credit_card", issuer, Certainty.CHECKED_AND_SAID if said else Certainty.CHECKED)


def issuer_of(number: str) -> str | None:
    """The issuer of a card whose length is one of theirs, and whose last digit is that of Luhn (ISO/IEC 7812-1); None for any other number."""
    digits = number.replace(" ", "").replace("-", "")
    prefix = int(digits[:6])
    for name, first, last, lengths in _ISSUERS:
        if first <= prefix <= last and len(digits) in lengths:
            return name if len(set(digits)) > 1 and luhn(digits) else None
    return None


def find_ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        candidate = match[1]
        length = _IBAN_LENGTHS.get(candidate[:2], 0)
        counts = list(accumulate(character.isalnum() for character in candidate))
        if not length or counts[-1] < length:
            continue
        end = counts.index(length) + 1
        number = candidate[:end].replace(" ", "").replace("-", "")
        after = text[match.start(1) + end : match.start(1) + end + 1]
        if not (after.isascii() and after.isalnum()) and remainder_by_97(number[4:] + number[:4]) == 1:
            yield Found(match.start(1), match.start(1) + end, "iban", candidate[:2], Certainty.CHECKED)
