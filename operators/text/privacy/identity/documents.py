"""Numbers of passports and driving licences: they have no check digit and as many shapes as countries, so words must stand right before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from operators.bases.personal_data.findings import Certainty, Found
from operators.text.privacy.spoken_words import spoken_in, spoken_words, start_of_line

_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z_./-])(?=[A-Z0-9]{0,5}[0-9])[A-Z0-9]{6,14}(?![0-9A-Za-z_]|-[0-9]|[.,][0-9])")
_WORDS: Final = (
    (
        "passport",
        spoken_words(
            """
        passport, passeport, reisepass, passnummer, reisepassnummer, pasaporte, passaporte, passaporto, paspoort, pas, paszport,
        paszportu, pasaport, paspor, паспорт, 护照, 護照, 旅券, パスポート, 여권, جواز, पासपोर्ट, hộ chiếu
    """
        ),
    ),
    (
        "driving_licence",
        spoken_words(
            """
        driver's license, drivers license, driver license, driving license, driving licence, dl,
        führerschein, führerscheinnummer, permis de conduire, carnet de conducir, cnh, patente di guida, rijbewijs
    """
        ),
    ),
    (
        "identity_card",
        spoken_words(
            """
        personalausweis, personalausweisnummer, ausweisnummer, carte d'identité, carta d'identità, identity card, id card, national id,
        identity number, identity card number, dowód osobisty, dowodu osobistego
    """
        ),
    ),
)
_LOOK_BACK: Final = 36


def find_document_numbers(text: str) -> Iterator[Found]:
    for match in _NUMBER.finditer(text):
        digits = sum(character.isdigit() for character in match.group())
        if digits < 5 or len(set(match.group())) < 3:
            continue
        before = spoken_in(text, start_of_line(text, match.start(), _LOOK_BACK), match.start())
        if name := next((name for name, words in _WORDS if words.are_among(before)), ""):
            yield Found(match.start(), match.end(), "identity_number", name, Certainty.SAID)
