"""Telephone numbers: international ones by the world's plan, national ones by how they are written, and others by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from operators.bases.personal_data.findings import Certainty, Found
from operators.text.privacy.phone_plans import LENGTHS, OTHERWISE, WITH_TRUNK_ZERO
from operators.text.privacy.shapes import any_of
from operators.text.privacy.spoken_words import ORDINARY_NUMBERS, is_said_before, spoken_words

_INTERNATIONAL: Final = re.compile(r"(?<![0-9A-Za-z_+=])(?:\(?\+ ?|(?<![.,/-])(?<![0-9] )00[ .-]?)(?P<body>[1-9](?:[ ().\-/]{0,3}[0-9]){5,16})")
_BEFORE: Final = r"(?<![0-9A-Za-z_#$€£¥=/+(~^*-])(?<![0-9A-Za-z][.,:])(?<![0-9] )"
_AFTER: Final = r"(?![0-9A-Za-z_%]|[-.,/:][0-9]| ?[-/] ?[0-9])"
_NATIONAL: Final = any_of([*WITH_TRUNK_ZERO, *OTHERWISE], before=_BEFORE, after=_AFTER + "(?! [0-9])")
_MOBILE_OF_CHINA: Final = re.compile("1(?:3[0-9]|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])")
_OF_NORTH_AMERICA: Final = re.compile("[2-9][0-9]{2}[2-9][0-9]{6}")
_ANY: Final = re.compile(rf"(?<![0-9A-Za-z_#$€£¥=/~^*.,-])(?<![0-9A-Za-z_]\()\(?[0-9](?:[ ().\-/]{{0,2}}[0-9]){{5,13}}{_AFTER}")
_NO_PHONE: Final = re.compile(
    r"(?:19|20)[0-9]{2} ?[-/. ] ?(?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}[-./ ]?[01][0-9][-./ ]?[0-3][0-9](?:[ .-]?[0-9]{2,6})?|"
    r"[0-3]?[0-9][-./][01]?[0-9][-./](?:19|20)[0-9]{2}.*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]+\.[0-9]+"
)
"""Years, dates, network addresses, thousands, fractions."""

_WORDS: Final = spoken_words(
    """
        tel, tel., tél, telephone, telephones, phone, phones, phone number, mobile, mob, cell, cellphone, cellular, call, called,
        calling, dial, ring, fax, whatsapp, sms, text me, hotline, helpline, landline, contact number,
        reach me, reach us,   voicemail, messages to, viber, wechat, ph, hp, number on file, registered number,
         telefon, telefonnummer, rufnummer, handy, handynummer, anrufen, rufen, ruf, fon, mobil, mobilnummer, festnetz,
        durchwahl, téléphone,  appeler, appelez, joindre,   teléfono, teléfonos, celular, móvil, llamar, llame,
        llámame, llámenos, llámanos, llama, tfno, telefone, telemóvel, ligue, liga, ligar, fone, telefono, cellulare, chiamare, chiami,
        chiama, chiamami,  telefoon, telefoonnummer, mobiel, bel, bellen, belt, telefonnr, telefonnúmer, mobilnr, ringe, tlf,
        tlf., tlfnr, mobiltelefon, puhelin, puh, soita, telefonu, komórka, komórkowy, zadzwoń, dzwoń, dzwonić, telefonní, volejte,
        zavolejte, telefonszám, hívja, sună, sunați, numero verde, numéro vert, ara, arayın, gsm, тел, телефон, телефону, телефона,
        звоните, позвоните,
        мобильный, моб,  дзвоніть, τηλ, τηλέφωνο, κινητό, 电话, 電話, 手机, 手機, 联系, 聯絡, 致电, 致電, 拨打, 微信, 传真, 傳真, 热线,
        携帯, 連絡先, お問い合わせ, 전화,
        휴대폰, 핸드폰, 연락처, 문의, هاتف, جوال, الاتصال, موبايل, تلفن, טלפון, נייד, फोन, फ़ोन, मोबाइल, संपर्क, โทร, โทรศัพท์, มือถือ, điện thoại,
        đt, gọi, telp, telepon, hubungi, nomor hp, no hp, wa
    """
)
_LINES: Final = frozenset("office home work mobile cell fax landline phone tel mob handy mobil portable celular móvil telefax".split())
"""Which line it is, as lists of contacts say after a number."""
_ANOTHER_VALUE: Final = re.compile("[0-9][0-9 .()-]{2,}[0-9]|[\"'][ \t]*[,;}]")
_NEXT_WORD: Final = re.compile(r"[ \t(\[-]{1,3}([^\W\d_]+)")
_LOOK_BACK: Final = 40
_NEXT_NUMBER: Final = 9
"""Fewer characters than these between two numbers: one word speaks of both."""


def find_phone_numbers(text: str) -> Iterator[Found]:
    """They may overlap."""
    yield from _international(text)
    for match in _NATIONAL.finditer(text):
        value, start = match[1], match.start()
        if _is_national(value) and not is_said_before(ORDINARY_NUMBERS, text, start):
            yield Found(start, match.end(1), "phone", "national", Certainty.SHAPE)
    last_end = -_NEXT_NUMBER
    for match in _ANY.finditer(text):
        value, start, end = match.group().rstrip("(. "), match.start(), match.end()
        digits = "".join(filter(str.isdigit, value))
        if _NO_PHONE.fullmatch(value) or len(digits) < 7 or len(set(digits)) < 2 or value.count("(") != value.count(")"):
            continue
        if 0 <= start - last_end < _NEXT_NUMBER or (_is_said(text, start, end) and not is_said_before(ORDINARY_NUMBERS, text, start)):
            last_end = end
            yield Found(start, start + len(value), "phone", "said", Certainty.SAID)


def _is_said(text: str, start: int, end: int) -> bool:
    """The words before are not those of another number or of another quoted value; after it stands only what line it is."""
    from_here = max(0, start - _LOOK_BACK)
    for other in _ANOTHER_VALUE.finditer(text, from_here, start):
        from_here = other.end()
    if _WORDS.are_in(text, from_here, start):
        return True
    line = _NEXT_WORD.match(text, end)
    return line is not None and line[1].lower() in _LINES


def _international(text: str) -> Iterator[Found]:
    for match in _INTERNATIONAL.finditer(text):
        body = match["body"]
        has_plus = "+" in match.group()
        if end := _end_of_international(body, text[match.end() : match.end() + 1]):
            if not has_plus and body[:end].isdigit() and not _is_said(text, match.start(), match.end()):
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
    if len(value) == 11 and value[5] in " -":
        return digits[0] in "6789"
    return bool(_OF_NORTH_AMERICA.fullmatch(digits))
