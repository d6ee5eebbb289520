"""Numbers in one spelling: "1,000", "２５", "twenty-one", "三百五" become digits, so that texts which say the same number can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

_SMALL: Final = {
    word: number
    for number, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
        ).split()
    )
} | {word: 10 * number for number, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)}
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINALS: Final = {
    word: f"{number}th"
    for number, word in enumerate(
        (
            "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth "
            "nineteenth twentieth"
        ).split(),
        4,
    )
} | {"first": "1st", "second": "2nd", "third": "3rd"}
_SPOKEN: Final = frozenset((*_SMALL, *_SCALES, *_ORDINALS))
_DIGITS: Final = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_MYRIADS: Final = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_SIGNS: Final = "".join((*_DIGITS, *_PLACES, *_MYRIADS))
_NUMBER: Final = rf"\d{{1,24}}(?:\.\d{{1,24}})?(?=[{_SIGNS}])"
_CHINESE: Final = re.compile(rf"(?:(?<![\d.]){_NUMBER})?[{_SIGNS}](?:{_NUMBER}|[{_SIGNS}])*")
_CHINESE_PART: Final = re.compile(r"\d+(?:\.\d+)?|.")
_GROUPED: Final = re.compile(
    r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:'\d{3})+(?:[.,]\d+)?"
)
_GROUP_SPACES: Final = re.compile("(?<![\\d.,])\\d{1,3}(?:[ \u00a0\u2009\u202f]\\d{3})+(?!\\d)")
_SPACE: Final = re.compile(r"\s")
_RAISED: Final = re.compile("(?<=\\d)(?=[\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u00bc-\u00be\u2150-\u215f])")
"""Between a digit and an exponent, an index or a fraction, which the compatibility form writes as digits of the same number."""
_DECIMALS: Final = {code: str(unicodedata.decimal(chr(code))) for code in range(0x80, 0x20000) if chr(code).isdecimal()}
_LONGEST: Final = 24
"""Characters of the longest number that is read: a longer one stays as it is written."""


def with_digits(text: str) -> str:
    """A text in Unicode's compatibility form, with plain digits whatever the script, and Chinese and Japanese numerals as digits.

    >>> with_digits("２５ km, ٣, 三百五十, 3万"), with_digits("10\\u00a0000"), with_digits("10²³")
    ('25 km, 3, 350, 30000', "10'000", '10 23')
    """
    text = _GROUP_SPACES.sub(lambda number: _SPACE.sub("'", number.group()), text)
    text = text if text.isascii() else unicodedata.normalize("NFKC", _RAISED.sub(" ", text))
    if not text.isascii():
        text = text.translate(_DECIMALS)
        text = _CHINESE.sub(_chinese, text)
    return text


def is_scale(word: str) -> bool:
    """Whether it is a word like hundred or million, before which "a" is 1."""
    return word in _SCALES


def plain_number(written: str) -> str:
    """A number without marks between its digits, and without zeros that say nothing.

    Marks part thousands where they stand as those do: "1,000", "12,34,567", "1.000.000", "1'000" (`with_digits` makes that of "1 000"). Else a comma
    is a decimal comma: "3,5". Codes keep their zeros: "007".

    >>> [plain_number(text) for text in ("1,000", "2.50", "3,5", "-1.0", "05", "007", "1.000.000,5")]
    ['1000', '2.5', '3.5', '-1', '5', '007', '1000000.5']
    """
    if written.isdigit() and not written.startswith("0"):
        return written
    sign, digits = ("-", written[1:]) if written.startswith("-") else ("", written)
    if _GROUPED.fullmatch(digits):
        decimal = re.search(r"[.,](\d+)$", digits)
        last = decimal is not None and (digits[decimal.start()] not in digits[: decimal.start()]) and not re.fullmatch(r"[\d,]+,\d{3}", digits)
        whole, rest = (digits[: decimal.start()], decimal[1]) if decimal is not None and last else (digits, "")
        digits = re.sub(r"\D", "", whole) + (f".{rest}" if rest else "")
    else:
        digits = digits.replace(",", ".") if digits.count(",") == 1 and "." not in digits else digits
    if digits.count(".") == 1 and digits.replace(".", "").isdigit():
        whole, _, rest = digits.partition(".")
        rest = rest.rstrip("0")
        digits = (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")
    elif len(digits) == 2 and digits.startswith("0"):
        digits = digits[1]
    return "0" if digits == "0" else sign + digits


def spoken_numbers(words: Sequence[str]) -> list[str]:
    """Words of a text, in lower case, with the English numbers among them as digits: ["twenty", "one"] is ["21"], ["5", "million"] is ["5000000"].

    Whole numbers from zero, with hundred to trillion; ordinals to the twentieth become "1st" to "20th". "a hundred" is 100. Words that are no
    numbers stay.

    >>> spoken_numbers("the three hundred and five of one third".split())
    ['the', '305', 'of', '1', '3rd']
    """
    if _SPOKEN.isdisjoint(words):
        return list(words)
    said: list[str] = []
    at = 0
    while at < len(words):
        value, end = _spoken(words, at)
        if value is None:
            said.append(_ORDINALS.get(words[at], words[at]))
            at += 1
        else:
            said.append(value)
            at = end
    return said


def _spoken(words: Sequence[str], at: int) -> tuple[str | None, int]:
    """The number that begins at a word, and where it ends."""
    start = at
    if words[at] == "a" and at + 1 < len(words) and words[at + 1] in _SCALES:
        total, current, at, smallest = Decimal(0), Decimal(1), at + 1, 10**18
    elif words[at] in _SMALL or (_is_number(words[at]) and at + 1 < len(words) and words[at + 1] in _SCALES):
        total, current, smallest = Decimal(0), _value(words[at]), 10**18
        at += 1
        if words[start] in _SMALL and current >= 20 and at < len(words) and 0 < _SMALL.get(words[at], 0) < 10:
            current += _SMALL[words[at]]
            at += 1
    else:
        return None, at + 1
    while at < len(words):
        scale = _SCALES.get(words[at])
        if scale == 100 and current < 100:
            current *= 100
            at += 1
        elif scale is not None and 100 < scale < smallest:
            total, current, smallest = total + current * scale, Decimal(0), scale
            at += 1
        else:
            place = at + 1 if words[at] == "and" and at + 1 < len(words) else at
            follows = words[at - 1] in _SCALES and words[place] in _SMALL
            if not follows:
                break
            part = _SMALL[words[place]]
            place += 1
            if part >= 20 and place < len(words) and 0 < _SMALL.get(words[place], 0) < 10:
                part += _SMALL[words[place]]
                place += 1
            current, at = current + part, place
    return _plain(total + current), at


def _is_number(word: str) -> bool:
    return len(word) <= _LONGEST and re.fullmatch(r"\d+(?:\.\d+)?", word) is not None


def _value(word: str) -> Decimal:
    return Decimal(_SMALL[word]) if word in _SMALL else Decimal(word)


def _chinese(match: re.Match[str]) -> str:
    """Digits for a numeral; what is none ("百" in a word, "万" alone) stays."""
    written = match.group()
    if len(written) > _LONGEST or written[0] in _MYRIADS or written[0] in "百千":
        return written
    if all(sign in _DIGITS for sign in written):
        return "".join(str(_DIGITS[sign]) for sign in written)
    total, section, last = Decimal(0), Decimal(0), 1
    digit: Decimal | None = None
    for part in _CHINESE_PART.findall(written):
        if part in _PLACES:
            section, digit, last = section + (1 if digit is None else digit) * _PLACES[part], None, _PLACES[part]
        elif part in _MYRIADS:
            total, section, digit, last = total + (section + (digit or 0)) * _MYRIADS[part], Decimal(0), None, _MYRIADS[part]
        elif digit:
            return written
        else:
            digit, last = (Decimal(_DIGITS[part]), last if digit is None else 1) if part in _DIGITS else (Decimal(part), 1)
    # "三百五" is 350: a last digit that no zero precedes has the place below the last one.
    return _plain(total + section + (digit or 0) * max(1, last // 10))


def _plain(number: Decimal) -> str:
    return str(int(number)) if number == number.to_integral_value() else format(number.normalize(), "f")
