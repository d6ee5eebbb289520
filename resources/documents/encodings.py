"""Text of any encoding."""

from __future__ import annotations

import codecs
import re
from typing import Final

from operators.tables.files.warc.pages import AS_BROWSERS_DO

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(
    rb"""<meta[^>]{0,200}charset=["']?\s*([\w-]+)|<\?xml[^>]{0,200}encoding=["']([\w-]+)|coding[:=]\s*([\w.-]+)""", re.IGNORECASE
)
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKED_AT: Final = 4096
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f\ufffd]")
_GUESSED_AT: Final = 64_000
_EAST_ASIAN: Final = ("cp932", "gb18030", "euc_jis_2004", "big5hkscs", "cp949")
_COMMON: Final = re.compile(
    "[\u3040-\u30ff]|[的一是不了人我在有他这中大来上国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已老从动两长]|[\uac00-\ud7a3]"
    "|[、。，：；！？「」『』（）]"
)
"""Kana, Hangul, the most frequent Chinese characters and punctuation: what a text decoded in the wrong East Asian encoding has few of."""

_ALPHABETS: Final = tuple(
    (encoding, re.compile(rf"[\W_a-zA-Zµ{letters}{letters.upper()}]+"))
    for encoding, alphabets in (
        ("cp1252", "áéíóúüñºª äöüß àâæçéèêëîïôœùûüÿ áâãàçéêíóôõúüºª àèéìîòùºª áéëïíóöü åäöæøé áéíóúýþðæö"),
        ("cp1250", "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž"),
        ("iso8859-2", "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž"),
        ("cp1254", "çğıöşüİâîû"),
        ("cp1257", "āčēģīķļņšūž ąčęėįšųūž äõöüšž"),
    )
    for letters in alphabets.split()
)
"""What is written with Latin letters and marks: Spanish, German, French, Portuguese, Italian, Dutch, Nordic languages; Polish, Czech, Slovak,
Hungarian, Romanian, Croatian (twice); Turkish; Latvian, Lithuanian, Estonian."""
_SIGN_IN_WORD: Final = re.compile(r"(?<=[^\W\d_])[^\x00-\x7f\w’´·](?=[^\W\d_])|[\x80-\x9f\ufffd¹³]")
_LETTER: Final = re.compile(r"[^\W\d_]")


def looks_like_text(content: bytes) -> bool:
    """Whether there are (almost) no control characters at its start, but for those of UTF-16 and UTF-32."""
    start = content[:_LOOKED_AT]
    if any(start.startswith(mark) for mark, _ in _MARKS):
        return True
    if _wide(start):
        return True
    return b"\0" not in start and len(_CONTROLS.findall(start)) <= len(start) // 200


def decode(content: bytes) -> str:
    """The text. What no encoding explains becomes U+FFFD; line ends are "\\n", and NUL characters go."""
    return content_text(content).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def as_declared(content: bytes, charset: str) -> bytes:
    """A text in the charset that its server declares, as UTF-8 with a mark; texts that are UTF-8, or have a mark of their own, as they are."""
    if not charset or any(content.startswith(mark) for mark, _ in _MARKS) or _wide(content[:_LOOKED_AT]) or _almost_utf8(content) is not None:
        return content
    try:
        return codecs.BOM_UTF8 + content.decode(AS_BROWSERS_DO.get(charset, charset)).encode("utf-8")
    except (UnicodeError, LookupError, ValueError):
        return content


def content_text(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    if wide := _wide(content[:_LOOKED_AT]):
        return content.decode(wide, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end >= len(content) - 3 and error.reason == "unexpected end of data":
            return content[: error.start].decode("utf-8")
    if (text := _almost_utf8(content)) is not None:
        return text
    if (declared := _declared(content)) is not None:
        return content.decode(declared, "replace")
    return content.decode(_guessed(content[:_GUESSED_AT]), "replace")


def _almost_utf8(content: bytes) -> str | None:
    """The text where most of what is not ASCII is UTF-8: for a few bytes that are not, all others would become other characters.

    Texts in other encodings have few sequences of bytes that are characters in UTF-8. Where UTF-8 is declared, half of them are enough.
    """
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd") - content.count(b"\xef\xbf\xbd")
    declared = _DECLARED.search(content[:_LOOKED_AT])
    least = broken if declared is not None and b"utf-8" in declared[0].lower() else 2 * broken + 1
    return text if len(_BEYOND_ASCII.findall(text)) >= least else None


def _wide(start: bytes) -> str:
    """UTF-16 without a mark: every second byte of Latin text is zero."""
    if len(start) < 4 or b"\0" not in start:
        return ""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _declared(content: bytes) -> str | None:
    """The encoding that an HTML page, an XML file or a source file names, where it exists and explains its start."""
    found = _DECLARED.search(content[:_LOOKED_AT])
    if found is None:
        return None
    name = next(group for group in found.groups() if group).decode("ascii")
    name = AS_BROWSERS_DO.get(name.lower(), name)
    try:
        content[:_LOOKED_AT].decode(name, "strict" if not codecs.lookup(name).name.startswith("utf") else "replace")
    except UnicodeDecodeError as error:
        return name if error.start > _LOOKED_AT - 8 else None
    except (LookupError, ValueError):
        return None
    return None if codecs.lookup(name).name == "utf-8" else name


def _guessed(content: bytes) -> str:
    """East Asian where the bytes decode, and into characters that such texts have; else that in which the letters are of one language that is written
    with Latin letters; else what charset-normalizer says; else Windows-1252."""
    best, most = "", 0.0
    for encoding in _EAST_ASIAN:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(content) - 4:
                continue
            text = content[: error.start].decode(encoding)
        beyond = sum(character > "\x7f" for character in text)
        share = len(_COMMON.findall(text)) / beyond if beyond else 0.0
        if share > most and beyond * 2 > sum(byte > 0x7F for byte in content) * 0.6:
            best, most = encoding, share
    if most > 0.3:
        return best
    if latin := _latin(content):
        return latin
    from charset_normalizer import from_bytes

    found = from_bytes(content).best()
    return found.encoding if found is not None and found.encoding not in ("ascii", "utf_8") else "cp1252"


def _latin(content: bytes) -> str:
    """The encoding in which the letters with marks are those of one language (nine tenths of them), and few beside letters of ASCII; "" for none."""
    best, fewest = "", 0.1
    for encoding, alphabet in _ALPHABETS:
        text = content.decode(encoding, "replace")
        beyond = [character for character in text if character > "\x7f"]
        letters = len(_LETTER.findall(text))
        marked = sum(map(str.isalpha, beyond))
        if marked > 0.4 * letters:
            continue
        strange = (len(_LETTER.findall(alphabet.sub("", text))) + len(_SIGN_IN_WORD.findall(text))) / len(beyond)
        if strange < fewest:
            best, fewest = encoding, strange
    return best
