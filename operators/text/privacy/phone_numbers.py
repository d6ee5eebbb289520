"""Telephone numbers: international ones by the world's plan, national ones by how they are written, and others by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from operators.bases.personal_data.findings import Certainty, Found
from operators.text.privacy.number_rows import groups_of, is_followed_by_a_unit, is_of_years_or_decimals, is_part_of_a_row, is_row
from operators.text.privacy.phone_plans import GROUPS_WITH_A_WORD, LENGTHS, OTHERWISE, WITH_TRUNK_ZERO
from operators.text.privacy.phone_words import Closeness, Kind, Said, said_before
from operators.text.privacy.shapes import any_of
from operators.text.privacy.spoken_words import ORDINARY_NUMBERS, is_said_before

_INTERNATIONAL: Final = re.compile(r"(?<![0-9A-Za-z_+=])(?:\(?\+ ?|(?<![.,/-])(?<![0-9] )00[ .-]?)(?P<body>[1-9](?:[ ().\-/]{0,3}[0-9]){5,16})")
_BEFORE: Final = r"(?<![0-9A-Za-z_#$€£¥=/+(~^*-])(?<![0-9A-Za-z][.,:])(?<![0-9] )"
_AFTER: Final = r"(?![0-9A-Za-z_%]|[-.,/:][0-9]| ?[-/] ?[0-9]| ?=)"
_NATIONAL: Final = any_of([*WITH_TRUNK_ZERO, *OTHERWISE], before=_BEFORE, after=_AFTER + "(?! [0-9])")
_MOBILE_OF_CHINA: Final = re.compile("1(?:3[0-9]|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])")
_OF_NORTH_AMERICA: Final = re.compile("[2-9][0-9]{2}[2-9][0-9]{6}")
_ANY: Final = re.compile(rf"(?<![0-9A-Za-z_#$€£¥=/~^*.,-])(?<![0-9A-Za-z_]\()\(?[0-9](?:(?:[ ().\-/]{{0,2}}| [-/] )[0-9]){{5,13}}{_AFTER}")
_NO_PHONE: Final = re.compile(
    r"(?:19|20)[0-9]{2} ?[-/. ] ?(?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}[-./ ]?[01][0-9][-./ ]?[0-3][0-9](?:[ .-]?[0-9]{2,6})?|"
    r"[0-3]?[0-9][-./][01]?[0-9][-./](?:19|20)[0-9]{2}.*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9]{1,3}(?:\.[0-9]{3}){2,}"
)
"""Years, dates, network addresses, thousands."""

_LINES: Final = frozenset("office home work mobile cell fax landline phone tel mob handy mobil portable celular móvil telefax".split())
"""Which line it is, as lists of contacts say after a number."""
_ANOTHER_VALUE: Final = re.compile("[0-9][0-9 .()-]{2,}[0-9]|[\"'][ \t]*[,;}]")
_LINE_AFTER: Final = re.compile(r"[ \t(\[-]{1,3}([^\W\d_]+)[ \t]*(?=[)\],;.|/\n0-9]|$)")
_ROW_OF_SMALL: Final = re.compile("[1-9][0-9]{2,3}(?: [1-9][0-9]{2,3})+|[1-9][0-9](?: [1-9][0-9])+")
_WITHOUT_THE_LAST: Final = re.compile("(.+[0-9]) [0-9]{1,2}$")
_ALSO: Final = re.compile(r"[\W_]*(?:or|and|oder|und|ou|et|y|o|e|i|eller|och|og|of|en|и|или|і)?[\W_]*", re.IGNORECASE)
_LOOK_BACK: Final = 40
_NEXT_NUMBER: Final = 9
"""Fewer characters than these between two numbers: one word speaks of both."""


def find_phone_numbers(text: str) -> Iterator[Found]:
    """They may overlap."""
    yield from _international(text)
    for match in _NATIONAL.finditer(text):
        value, start = match[1], match.start()
        if _is_national(value) and not is_row(value) and not is_said_before(ORDINARY_NUMBERS, text, start):
            yield Found(start, match.end(1), "phone", "national", Certainty.SHAPE)
    last_end = -_NEXT_NUMBER
    for match in _ANY.finditer(text):
        value, start = match.group().rstrip("(. "), match.start()
        digits = "".join(filter(str.isdigit, value))
        if len(digits) < 7 or len(set(digits)) < 2 or value.count("(") != value.count(")"):
            continue
        if _NO_PHONE.fullmatch(value) or is_of_years_or_decimals(value) or is_followed_by_a_unit(text, match.end()):
            continue
        goes_with_the_last = 0 <= start - last_end < _NEXT_NUMBER and _ALSO.fullmatch(text, last_end, start)
        if goes_with_the_last and is_of_a_plan(value):
            length = len(value)
        elif is_said_before(ORDINARY_NUMBERS, text, start):
            continue
        else:
            length = _said_length(text, start, value)
        if length:
            last_end = start + length
            yield Found(start, last_end, "phone", "said", Certainty.SAID)


def _said_length(text: str, start: int, value: str) -> int:
    """How much of the value the words around it call a telephone number."""
    said = _words_before(text, start)
    if said and said.closeness is Closeness.POINTING:
        return len(value) if said.kind is Kind.LABEL else _length_in_a_plan(value)
    if said and said.closeness is Closeness.BESIDE:
        return len(value) * _is_called_by_the_word_beside(said.kind, value, text, start)
    if said and not is_row(value) and _is_called_from_afar(said.kind, value):
        return len(value)
    line = _LINE_AFTER.match(text, start + len(value))
    is_line = line is not None and line[1].lower() in _LINES
    return len(value) * (is_line and is_of_a_plan(value) and not is_row(value) and not is_part_of_a_row(text, start, start + len(value)))


def _words_before(text: str, start: int) -> Said | None:
    """Not those of another number or of another quoted value."""
    from_here = max(0, start - _LOOK_BACK)
    for other in _ANOTHER_VALUE.finditer(text, from_here, start):
        from_here = other.end()
    return said_before(text, from_here, start)


def _is_called_by_the_word_beside(kind: Kind, value: str, text: str, start: int) -> bool:
    """Everyday words stand beside sizes and counts too: Mobile 345 412 467."""
    if kind is Kind.LABEL:
        return True
    if not is_of_a_plan(value) or is_row(value) or is_part_of_a_row(text, start, start + len(value)):
        return False
    return kind is Kind.TELEPHONE or not _ROW_OF_SMALL.fullmatch(value) or bool(_OF_NORTH_AMERICA.fullmatch(value.replace(" ", "")))


def _is_called_from_afar(kind: Kind, value: str) -> bool:
    if value[0] in "(0" and sum(map(str.isdigit, value)) >= 9:
        return True
    return kind is Kind.LABEL and not re.fullmatch("[0-9]+(?: [0-9]+)+", value)


def is_of_a_plan(value: str) -> bool:
    """Whether a national number of some country is written in such groups."""
    return value[0] in "(0" or tuple(map(len, groups_of(value))) in GROUPS_WITH_A_WORD


def _length_in_a_plan(value: str) -> int:
    """Of a number with or without the one or two digits behind it: 555 1234 24 hours."""
    shorter = _WITHOUT_THE_LAST.match(value)
    return next((len(number) for number in (value, shorter[1] if shorter else "") if number and is_of_a_plan(number)), 0)


def _international(text: str) -> Iterator[Found]:
    for match in _INTERNATIONAL.finditer(text):
        body = match["body"]
        has_plus = "+" in match.group()
        if end := _end_of_international(body, text[match.end() : match.end() + 1]):
            if not has_plus and (is_row(body[:end]) or (body[:end].isdigit() and not _words_before(text, match.start()))):
                continue
            start = match.start() + (match.group()[0] == "(" and ")" not in body[:end])
            yield Found(start, match.start("body") + end, "phone", "international", Certainty.CHECKED)


def _end_of_international(body: str, after: str) -> int | None:
    """Where the longest number ends that the plan allows, before a space or mark or at the end of all."""
    ends = [place.start() for place in re.finditer("[ ().-/](?=[ ()./-]*[0-9])", body)]
    if not (after.isascii() and (after.isalnum() or after == "_")):
        ends.append(len(body))
    for end in reversed(ends):
        digits = "".join(filter(str.isdigit, body[:end].replace("(0)", "")))
        if len(digits) >= 7 and is_in_plan(digits) and body[:end].count("(") <= body[:end].count(")") + 0:
            return end
    return None


def is_in_plan(digits: str) -> bool:
    """Whether digits are a calling code and as many as its country has behind it (ITU-T E.164)."""
    for length in (1, 2, 3):
        if lengths := LENGTHS.get(digits[:length]):
            national = digits[length:]
            if digits[:length] == "1":
                return bool(_OF_NORTH_AMERICA.fullmatch(national))
            if national.startswith("0") and digits[:length] != "39":
                national = national[1:]
            return len(national) in lengths and len(set(national)) > 1
    return False


def _is_national(value: str) -> bool:
    """Whether a number of a country's shape begins as its numbers do."""
    digits = "".join(character for character in value if character.isdigit())
    if len(set(digits)) < 3:
        return False
    if digits[0] == "0":
        return digits[1] != "0" and not _NO_PHONE.fullmatch(value)
    if value[0] == "(" and value[3] == ")":
        return digits[0] != "0" and digits[1] != "0" and (len(digits) == 10 or digits[2] == "9")
    if len(digits) == 11 and digits[0] == "8":
        return digits[1] in "3489"
    if len(digits) == 11 and digits[0] == "1" and ("." in value or "(" in value or value[1] in " -"):
        return bool(_OF_NORTH_AMERICA.fullmatch(digits[1:]))
    if len(digits) == 11:
        return bool(_MOBILE_OF_CHINA.match(digits))
    if len(value) == 11:  # of India, and no range: 65000-85000, 70001-70025
        return digits[0] in "6789" and not value.endswith("00") and value[:2] != value[6:8]
    return bool(_OF_NORTH_AMERICA.fullmatch(digits))
