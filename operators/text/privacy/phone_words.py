"""Words that say of the number after them that it is a telephone number, and how closely they stand to it.

"Tel." says so wherever it stands. "Phone" and "Telefon" do where only a "my" or "is" or "at" parts them from the number: phone cases and the
sales of phones have numbers of their own. "Mobile", "cell", "call" and "ring" are everyday words, and so are "llama" and "liga", which call somebody
in Spain and Brazil: they must point to the number ("call me at", "mobile:").
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final, NamedTuple

from operators.text.privacy.spoken_words import spoken_in, spoken_words

_LABELS: Final = spoken_words(
    """
        tel, tel., tél, tlf, tlf., tlfnr, tfno, phone number, phone numbers, telephone number, mobile number, cell number, contact number,
        number on file, my number, mi número, mon numéro, meine nummer, meu número, mio numero, mijn nummer, mój numer, мой номер,
        registered number, messages to, telefonnummer, rufnummer, handynummer, mobilnummer, telefonnr, telefonnúmer, mobilnr, durchwahl,
        numero verde, numéro vert, telefonszám, no hp, nomor hp, тел, τηλ, đt, điện thoại, 电话, 電話, 手机, 手機, 联系, 聯絡, 致电, 致電, 拨打, 微信,
        传真, 傳真,
        热线, 熱線, 携帯, 連絡先, お問い合わせ, 전화, 휴대폰, 핸드폰, 연락처, 문의, هاتف, جوال, الاتصال, اتصل, واتساب, موبايل, تلفن, تماس, טלפון,
        נייד, फोन, फ़ोन, मोबाइल, संपर्क, ফোন, মোবাইল, தொலைபேசி, அலைபேசி, ఫోన్, ഫോൺ, ફોન, โทร,
        มือถือ
    """
)
_TELEPHONES: Final = spoken_words(
    """
        phone, telephone, cellphone, hotline, helpline, landline, voicemail, telefon, festnetz, handy, téléphone, teléfono, teléfonos,
        celular, móvil, telefone, telemóvel, fone, telefono, cellulare, telefoon, mobiltelefon, puhelin, puh, telefonu, komórka, komórkowy,
        telefonní, zadzwoń, zavolejte, volejte, телефон, телефону, телефона, мобильный, моб, звоните, позвоните, дзвоніть, τηλέφωνο, κινητό,
        telp, telepon
    """
)
_EVERYDAY: Final = spoken_words(
    """
        telephones, phones, mobile, mob, cell, cellular, call, called, calling, dial, ring, fax, whatsapp, sms, text me, contact, reach me,
        reach us, viber, wechat, ph, hp, anrufen, rufen, ruf, fon, mobil, appeler, appelez, appelle, joindre, llamar, llame, llámame,
        llámenos, llámanos, llama, ligue, liga, ligar, chiamare, chiami, chiama, chiamami, mobiel, bel, bellen, belt, ringe, soita, dzwoń,
        dzwonić, hívja, sună, sunați, ara, arayın, gsm, gọi, hubungi, wa
    """
)
_CALLING: Final = spoken_words(
    """
        call, called, calling, dial, ring, phone, text me, whatsapp, contact, reach, anrufen, rufen, appeler, appelez, appelle, joindre,
        llamar, llame, llama, ligue, liga, ligar, chiamare, chiami, chiama, bel, bellen, belt, ringe, soita, zadzwoń, dzwonić, звоните,
        позвоните
    """
)
_AT: Final = frozenset("at on under unter au al ao no para o sul op på pod numer nr numeroon по номеру".split())
_BETWEEN: Final = frozenset(
    """
    me us him her them my our your his at on to is now today free toll no nr num number numbers via under please office home work direct
    sie mich uns unter an ist lautet nummer gratis moi nous au le la est numéro nos al a es mi número el mío o os meu para ao é mi ci il al
    numero è mij ons op naar het nummer mig oss på numret meg oss pod numer nr do na mnie numeroon numero по номер номеру на нам мне мой numaralı
    numarası beni bizi numara szám számon číslo čísle số private privat
    """.split()
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_GLUED_BETWEEN: Final = re.compile(r"(?:[\s:：是为為は는은の()（）「\[【]|号码|號碼|号|號|番号|번호|नंबर|नम्बर|رقم|我们|我們|เบอร์|ศัพท์)*")
_BREAK: Final = re.compile("[0-9!?;=,%$€£]")
_LONGEST_NAME: Final = 4
"""Words of whom to call."""


class Closeness(IntEnum):
    """What stands between a word and the number."""

    NEAR = 1
    """Other words."""
    BESIDE = 2
    """Only spaces."""
    POINTING = 3
    """A colon, or words such as "me at" and "is"."""


class Kind(IntEnum):
    EVERYDAY = 1
    TELEPHONE = 2
    LABEL = 3


class Said(NamedTuple):
    closeness: Closeness
    kind: Kind


_KINDS: Final = ((Kind.LABEL, _LABELS), (Kind.TELEPHONE, _TELEPHONES), (Kind.EVERYDAY, _EVERYDAY))


def said_before(text: str, start: int, end: int) -> Said | None:
    """The closest word of a telephone in a part of a text that ends where a number begins."""
    part = _after_a_break(text, start, end)
    if said := _leading_to_the_end(part) or _glued(part):
        return said
    spoken = spoken_in(text, start, end)
    kind = next((kind for kind, words in _KINDS if words.are_among(spoken)), None)
    return None if kind is None else Said(Closeness.NEAR, kind)


def _after_a_break(text: str, start: int, end: int) -> str:
    """Digits and most marks part a word from the number; a word that is cut off is left out."""
    breaks = list(_BREAK.finditer(text, start, end))
    if breaks:
        return text[breaks[-1].end() : end]
    cut = _WORD.match(text, start, end) if start and text[start - 1].isalpha() else None
    return text[cut.end() if cut else start : end]


def _leading_to_the_end(part: str) -> Said | None:
    """Back over the words that may stand between, to a word of telephones."""
    words = list(_WORD.finditer(part.lower()))
    for place in range(len(words), 0, -1):
        for length in (3, 2, 1):
            phrase = " ".join(word.group() for word in words[max(0, place - length) : place])
            if kind := next((kind for kind, telling in _KINDS if telling.has(phrase)), None):
                points = place < len(words) or ":" in part[words[place - 1].end() :]
                return Said(Closeness.POINTING if points else Closeness.BESIDE, kind)
        if words[place - 1].group() not in _BETWEEN:
            break
    return Said(Closeness.POINTING, Kind.EVERYDAY) if _somebody_is_called_at([word.group() for word in words]) else None


def _somebody_is_called_at(words: list[str]) -> bool:
    """Call Maria Roe at"""
    return bool(words) and words[-1] in _AT and any(_CALLING.has(word) for word in words[-2 - _LONGEST_NAME : -1])


def _glued(part: str) -> Said | None:
    """Chinese and others write without spaces."""
    end = _LABELS.end_of_last_glued(part)
    if end < 0 or not _GLUED_BETWEEN.fullmatch(part, end):
        return None
    return Said(Closeness.POINTING, Kind.LABEL) if part[end:].strip() else Said(Closeness.BESIDE, Kind.TELEPHONE)
