"""Numbers of identity documents: found by their shape, believed by their check digits, and by the words beside them where many numbers look so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.bases.personal_data.findings import Certainty, Found, without_overlaps
from operators.bases.personal_data.plain_characters import FULL_WIDTH_LETTER, any_mark, plain_characters
from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input
from operators.text.privacy.identity import americas, asia_africa_oceania, europe
from operators.text.privacy.identity.documents import find_document_numbers
from operators.text.privacy.identity.form import IdentityNumber
from operators.text.privacy.number_rows import is_part_of_a_row, is_row
from operators.text.privacy.shapes import any_of, shape_of
from operators.text.privacy.spoken_words import NOTHING_SPOKEN, ORDINARY_NUMBERS, is_said_before, spoken_around, spoken_words

ANY_IDENTITY_NUMBER: Final = (
    rf"\p{{Nd}}{{4}}|[A-Z]\p{{Nd}}{{2}}|\p{{Nd}}[A-Z]{{1,2}}\p{{Nd}}|\p{{Nd}}{any_mark(' -./+()')}{{1,2}}\p{{Nd}}|{FULL_WIDTH_LETTER}"
)
"""What every number below contains; in the syntax of RE2, to pass over most texts quickly."""


def _by_shape(numbers: Iterable[IdentityNumber]) -> dict[str, list[tuple[IdentityNumber, bool]]]:
    """Shape -> the kinds of that shape, and whether each is clear without words."""
    kinds: dict[str, list[tuple[IdentityNumber, bool]]] = defaultdict(list)
    for number in numbers:
        for shape in dict.fromkeys([*number.clear, *number.common]):
            kinds[shape].append((number, shape in number.clear))
    return dict(kinds)


_KINDS: Final = _by_shape([*americas.NUMBERS, *europe.NUMBERS, *asia_africa_oceania.NUMBERS])
_CANDIDATE: Final = any_of(_KINDS, before="(?<![0-9A-Za-z_#$])(?<![0-9A-Za-z][.,/-])", after="(?![0-9A-Za-z_]|[-.,/][0-9])")
_MARKS: Final = str.maketrans("", "", " .-/()+")


def find_identity_numbers(text: str) -> Iterator[Found]:
    """All numbers of known form whose check holds, and the numbers of passports and licences that are called so. They may overlap."""
    if not re.search("[0-9]", text):
        return
    for match in _CANDIDATE.finditer(text):
        value, start, end = match[1], match.start(), match.end(1)
        compact = value.translate(_MARKS)
        around = [spoken for spoken in spoken_around(text, start, end) if spoken is not NOTHING_SPOKEN]
        for number, is_clear in _KINDS[shape_of(value)]:
            is_said = bool(around) and any(spoken_words(number.words).are_among(spoken) for spoken in around)
            if not (is_said or is_clear) or not number.is_valid(value if number.name == "fi_hetu" else compact):
                continue
            if is_said:
                yield Found(start, end, "identity_number", number.name, Certainty.CHECKED_AND_SAID)
            elif not is_said_before(ORDINARY_NUMBERS, text, start) and not (" " in value and (is_row(value) or is_part_of_a_row(text, start, end))):
                yield Found(start, end, "identity_number", number.name, Certainty.CHECKED)
    yield from find_document_numbers(text)


class IdentityNumberFilter(Filter):
    """Drop texts with numbers of identity documents of about fifty countries. Writing about identity is no reason: the check digits decide."""

    covers = ("IDCardFilter",)
    source = "GB 11643-1999; Korean RRN; Singapore NRIC; United States SSA"
    asks = ("throw out passport and social security numbers", "documents with ID card or tax numbers", "screen for national IDs like SSN")

    input_text = Input(str)
    max_numbers: int = Field(0, ge=0)

    def keep_batch(self, text: pa.Array) -> Verdict:
        possible = pc.indices_nonzero(pc.match_substring_regex(text, ANY_IDENTITY_NUMBER)).to_pylist()
        keep = np.ones(len(text), np.bool_)
        reasons: list[str | None] = [None] * len(text)
        for row in possible:
            found = len(without_overlaps(find_identity_numbers(plain_characters(text[row].as_py()))))
            if found > self.max_numbers:
                keep[row] = False
                reasons[row] = f"{self.name}: identity numbers = {found}, above max_numbers = {self.max_numbers}"
        return Verdict(keep, reasons)
