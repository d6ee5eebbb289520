"""Words beside a number that say what it is. Read as sets of words, not as patterns: a text may hold very many numbers."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

_WORD: Final = re.compile(r"[^\W\d_]+")
_BEFORE: Final = 48
_AFTER: Final = 24
"""Characters in which words say what a number is."""


class Spoken(NamedTuple):
    """A part of a text, and its words and phrases of two and three words, in small letters."""

    part: str
    phrases: frozenset[str]


NOTHING_SPOKEN: Final = Spoken("", frozenset())


def spoken_in(text: str, start: int, end: int) -> Spoken:
    """A word that begins before the part does not count."""
    start = max(0, start)
    part = text[start:end]
    return _spoken(part, bool(start and part and part[0].isalpha() and text[start - 1].isalpha()))


@lru_cache(maxsize=4096)
def _spoken(part: str, begins_in_a_word: bool) -> Spoken:
    """Several kinds of numbers ask for the words at one place."""
    words = _WORD.findall(part.lower())
    if not words:
        return NOTHING_SPOKEN if part.isascii() else Spoken(part, frozenset())
    if begins_in_a_word:
        del words[0]
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    return Spoken(part, frozenset([*words, *pairs, *(f"{pair} {third}" for pair, third in zip(pairs, words[2:], strict=False))]))


class SpokenWords:
    """Words and phrases of up to three words, given with commas between them.

    They are met whole where spaces part words (Latin, Greek, Cyrillic letters), and anywhere in languages that glue theirs to others.
    """

    def __init__(self, words: str) -> None:
        every = [word.strip() for word in words.split(",")]
        self._phrases = frozenset(" ".join(_WORD.findall(word.lower())) for word in every if _is_parted_by_spaces(word))
        self._glued = tuple(word for word in every if not _is_parted_by_spaces(word))

    def are_among(self, spoken: Spoken) -> bool:
        if not self._phrases.isdisjoint(spoken.phrases):
            return True
        return bool(self._glued) and not spoken.part.isascii() and any(word in spoken.part for word in self._glued)

    def has(self, phrase: str) -> bool:
        """Whether it is one of those that spaces part, in small letters."""
        return phrase in self._phrases

    def end_of_last_glued(self, part: str) -> int:
        """Where the last of those ends that are glued to others; -1 where there is none."""
        return -1 if part.isascii() else max((part.rindex(word) + len(word) for word in self._glued if word in part), default=-1)

    def are_in(self, text: str, start: int, end: int) -> bool:
        return self.are_among(spoken_in(text, start, end))


@cache
def spoken_words(words: str) -> SpokenWords:
    return SpokenWords(words)


def _is_parted_by_spaces(word: str) -> bool:
    return word[0] < "\u0530" or "\u1e00" <= word[0] < "\u2000"


def spoken_around(text: str, start: int, end: int) -> tuple[Spoken, Spoken]:
    """Shortly before a number, and right after it on its line."""
    return spoken_in(text, start - _BEFORE, start), spoken_in(text, end, end_of_line(text, end, end + _AFTER))


def is_said(words: SpokenWords, text: str, start: int, end: int) -> bool:
    """Whether the words stand around a number."""
    return any(words.are_among(spoken) for spoken in spoken_around(text, start, end))


def is_said_before(words: SpokenWords, text: str, start: int, most: int = 24) -> bool:
    """Whether the words stand right before a number, on its line."""
    return words.are_in(text, start_of_line(text, start, most), start)


def start_of_line(text: str, end: int, most: int) -> int:
    """Where the line begins that ends here, or `most` characters before."""
    return max(end - most, text.rfind("\n", max(0, end - most), end) + 1, 0)


def end_of_line(text: str, start: int, end: int) -> int:
    found = text.find("\n", start, end)
    return end if found < 0 else found


ORDINARY_NUMBERS: Final = spoken_words(
    """
        order, invoice, tracking, ean, isbn, issn, gtin, upc, imei, serial, sku, uuid, ticket, parcel, shipment, part, ref, reference,
        timestamp, barcode, batch, lot, model, item, product, catalog, catalogue, transaction, session, hash, seed, tweet, patent,
        docket, case, epoch, build, version, bestellung, bestellnummer, bestellnr, rechnung, artikel, commande, facture, pedido,
        factura, ordine, fattura, encomenda, zamówienie, artikelnummer, rechnungsnummer, flight, заказ, заказа, 订单, 订单号, 编号, 单号, 注文, 주문
    """
)
"""What goes by such a number and is nobody's."""
