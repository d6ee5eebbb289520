"""What is found: a place in a text, its kind, and how sure it is. Of findings that overlap, one stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias

PersonalDataKind: TypeAlias = Literal["email", "phone", "credit_card", "iban", "ip_address", "mac_address", "identity_number", "secret"]
ALL_KINDS: Final[tuple[PersonalDataKind, ...]] = ("email", "phone", "credit_card", "iban", "ip_address", "mac_address", "identity_number", "secret")


class Certainty(IntEnum):
    """Of two findings of the same length, the surer stays."""

    SHAPE = 1
    """It has a form that little else has."""
    SAID = 2
    """The words beside it say what it is."""
    CHECKED = 3
    """Its check digits, or a parser, agree."""
    CHECKED_AND_SAID = 4


class Found(NamedTuple):
    """`text[start:end]` is of this kind; `subkind` says which: "visa", "br_cpf", "github_token"; empty where a kind has only one."""

    start: int
    end: int
    kind: PersonalDataKind
    subkind: str = ""
    certainty: Certainty = Certainty.CHECKED


def without_overlaps(findings: Iterable[Found]) -> list[Found]:
    """In the order of the text. Of two that overlap the longer stays, then the surer, then the kind that `ALL_KINDS` names first."""
    ordered = sorted(findings)
    groups: list[list[Found]] = []
    reach = -1
    for finding in ordered:
        if finding.start >= reach:
            groups.append([])
        groups[-1].append(finding)
        reach = max(reach, finding.end)
    return [kept for group in groups for kept in (group if len(group) == 1 else _chosen(group))]


def _chosen(group: list[Found]) -> list[Found]:
    first = group[0].start
    taken = bytearray(max(finding.end for finding in group) - first)
    kept = []
    for finding in sorted(group, key=_preference):
        start, end = finding.start - first, finding.end - first
        if not taken.count(1, start, end):
            taken[start:end] = b"\1" * (end - start)
            kept.append(finding)
    return sorted(kept)


def _preference(finding: Found) -> tuple[int, int, int, int, str]:
    return (finding.start - finding.end, -finding.certainty, ALL_KINDS.index(finding.kind), finding.start, finding.subkind)


_BEFORE: Final = 48
_AFTER: Final = 24
"""Characters in which words say what a number is."""


@cache
def spoken_words(words: str) -> re.Pattern[str]:
    """Any of the words, given with commas between them: whole where they are of letters that spaces part; Chinese, Thai and others glue theirs."""
    every = [word.strip() for word in words.split(",")]
    whole = "|".join(re.escape(word).replace(r"\ ", "[ _-]?") for word in every if _is_parted_by_spaces(word))
    glued = "|".join(re.escape(word) for word in every if not _is_parted_by_spaces(word))
    return re.compile("|".join(filter(None, [whole and rf"(?<![^\W\d_])(?:{whole})(?![^\W\d_])", glued])), re.IGNORECASE)


def _is_parted_by_spaces(word: str) -> bool:
    """Latin, Greek, Cyrillic."""
    return word[0] < "\u0530" or "\u1e00" <= word[0] < "\u2000"


def is_said(words: re.Pattern[str], text: str, start: int, end: int) -> bool:
    """Whether the words stand shortly before a number, or right after it on its line."""
    if words.search(text[max(0, start - _BEFORE) : start]):
        return True
    return bool(words.search(text[end : end + _AFTER].split("\n", 1)[0]))


def is_said_before(words: re.Pattern[str], text: str, start: int, most: int = 24) -> bool:
    """Whether the words stand right before a number, on its line."""
    return bool(words.search(text[max(0, start - most) : start].rsplit("\n", 1)[-1]))


ORDINARY_NUMBERS: Final = spoken_words(
    """
        order, invoice, tracking, ean, isbn, issn, gtin, upc, imei, serial, sku, uuid, ticket, parcel, shipment, part, ref, reference,
        timestamp, barcode, batch, lot, model, item, product, catalog, catalogue, transaction, session, hash, seed, tweet, patent,
        docket, case, epoch, build, version, bestellung, bestellnummer, bestellnr, rechnung, artikel, commande, facture, pedido,
        factura, ordine, fattura, encomenda, zamówienie, artikelnummer, rechnungsnummer, flight, заказ, заказа, 订单, 订单号, 编号, 单号, 注文, 주문
    """
)
"""What goes by such a number and is nobody's."""
