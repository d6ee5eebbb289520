"""What was said so far in a conversation, and whether a value was: grounded, and not imagined."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from operators.bases.stated_numbers import numbers_in

_WORD: Final = re.compile(r"\w+")
_SPACE: Final = re.compile(r"\s")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_DATE: Final = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_RELATIVE: Final = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|right now|as of now|weekend|(?:next|last|past|coming|this|current|upcoming) (?:\w+ ){0,2}"
    r"(?:days?|weeks?|months?|years?|quarter|season|morning|afternoon|evening|night|spring|summer|fall|autumn|winter)"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|in (?:a|\w+) (?:days?|weeks?|months?|years?)|ago"
    r"|heute|morgen|gestern|nächste[nrs]?|aujourd'hui|demain|hier|prochaine?|hoy|mañana|ayer|próxim[oa]|oggi|domani|ieri|prossim[oa]|hoje|amanhã|ontem"
    r"|сегодня|завтра|вчера)\b|[今明昨后後]天|[本这這下上]个?個?[周週月年]|今晚|明早|周末|週末|星期|现在|現在|今日|明日|昨日|来週|来月|오늘|내일|어제",
    re.IGNORECASE,
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH: Final = re.compile(r"\b(?:(?i:(jan|feb|apr|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|il|e|y|ust|t|tember|ober|ember)?)|(Mar|May)(?:ch)?)\b")
"""Names of months in English; "may" and "march" are other words."""
_DAY: Final = r"(\d{1,2})(?:st|nd|rd|th)?"
_DAY_OF_MONTH: Final = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]{{0,7}}\.? {_DAY}\b(?!:)|\b{_DAY} (?:of )?({'|'.join(_MONTHS)})", re.IGNORECASE)
_SMALL_WORDS: Final = frozenset("a an the of in on at to for and or with by from my your his her our their is are be as it this that".split())
_OF_CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "usd": ("dollar", "$", "美元", "美金", "ドル", "달러"),
    "eur": ("euro", "€", "欧元", "歐元", "ユーロ", "유로"),
    "gbp": ("pound", "£", "英镑", "英鎊", "ポンド"),
    "jpy": ("yen", "¥", "日元", "日圆", "日圓", "円"),
    "cny": ("yuan", "renminbi", "¥", "人民币", "人民幣"),
    "rmb": ("yuan", "renminbi", "¥", "人民币", "人民幣"),
    "inr": ("rupee", "₹", "卢比"),
    "krw": ("won", "₩", "韩元", "원"),
    "chf": ("franc", "swiss", "瑞士法郎"),
    "rub": ("ruble", "rouble", "₽", "卢布"),
    "uk": ("kingdom", "britain", "british", "england", "英国"),
    "gb": ("kingdom", "britain", "british", "england", "uk", "英国"),
    "us": ("america", "美国", "美國"),
    "usa": ("america", "states", "us", "美国", "美國"),
    "ch": ("switzerland", "swiss", "瑞士"),
    "de": ("german", "deutsch", "德语", "德文", "德国"),
    "es": ("spain", "spanish", "西班牙"),
    "en": ("english", "englisch", "anglais", "inglés", "英语", "英文", "英語"),
    "fr": ("french", "france", "法语", "法文", "法国", "フランス"),
    "zh": ("chinese", "mandarin", "中文", "汉语", "漢語", "中国語"),
    "ja": ("japanese", "日语", "日文", "日本語"),
    "ko": ("korean", "韩语", "韓国語", "한국어"),
    "nl": ("dutch", "netherlands", "holland"),
    "sv": ("swedish",),
    "cs": ("czech",),
    "el": ("greek",),
}
"""Codes whose letters do not stand in what people say: a word of English that begins so, a sign, or a name in another script."""
_EXACT: Final = 2**53
"""Up to here a float is the whole number that it was made of."""
_LONGEST: Final = 15
"""Digits that a float keeps."""
_MOST_OF_LONG: Final = 0.6
"""Of the words of a text of several, how many have to have been said: a title may be put in other words."""


class Said:
    """All that was said up to some point. `add` takes the next text."""

    def __init__(self) -> None:
        self._squeezed: list[str] = []
        self._words: set[str] = set()
        self._stems: set[str] = set()
        self._numbers: set[str] = set()
        self._texts: list[str] = []
        self._pairs: set[str] = set()
        self._signs: set[str] = set()
        self._months: set[int] = set()
        self._days: set[tuple[int, int]] = set()
        """Days with their months."""
        self._relative = False

    def add(self, text: str) -> None:
        if not text:
            return
        plain = _plain(text)
        words = _words(plain)
        self._squeezed.append("".join(words))
        self._texts.append(" ".join(words))
        self._words.update(words)
        self._stems.update(stem for word in {*words} for stem in _stems(word))
        self._pairs.update(word[place : place + 2] for word in words if not word.isascii() for place in range(len(word) - 1))
        self._signs.update(sign for sign in set(plain) if unicodedata.category(sign) == "Sc")
        self._months.update(_MONTHS.index((match[1] or match[2]).casefold()) + 1 for match in _MONTH.finditer(text))
        self._days.update(_days_in(text))
        self._numbers.update(map(_digits, numbers_in(text)))
        self._relative = self._relative or _RELATIVE.search(text) is not None

    def __contains__(self, value: Any) -> bool:
        if value is None or isinstance(value, bool) or value in ("", [], {}):
            return True
        if isinstance(value, int) and abs(value) > _EXACT:
            return self._has_together([str(abs(value))])
        if isinstance(value, int | float):
            return self.has_number(float(value))
        if isinstance(value, str):
            return self._has_text(value)
        if isinstance(value, Mapping):
            return all(item in self for item in value.values())
        return all(item in self for item in value)

    def has_number(self, value: float) -> bool:
        return _digits(value) in self._numbers

    def _has_text(self, value: str) -> bool:
        words = _words(_plain(value))
        squeezed = "".join(words)
        if not squeezed or self._has_together(words):
            return True
        if _DATE.search(value):
            return self._relative or self._has_date(value)
        if len(squeezed) <= 3 and squeezed.isalpha() and squeezed.isascii():
            return self._has_code(squeezed)
        if not squeezed.isascii():
            return self._has_most_pairs(words)
        place, qualified, _ = value.partition(",")
        if qualified and len(words) <= 5 and len(place) > 2 and place in self:
            return True  # "Lang Son, Vietnam": the place was said, and where it lies is known
        telling = [word for word in words if word not in _SMALL_WORDS and word != "00"] or words
        found = sum(self._has_word(word) for word in telling)
        in_one = len(telling) <= 3 or not _SPACE.search(value.strip())  # an address, a path, a link
        return found == len(telling) if in_one else found >= _MOST_OF_LONG * len(telling)

    def _has_together(self, words: list[str]) -> bool:
        """Whether words stand somewhere in a row, whatever parts them: "IC71" in "the IC 71", and "234" not in "1234"."""
        squeezed, spaced = "".join(words), f" {' '.join(words)} "
        if not any(sign.isdigit() for sign in squeezed):
            return any(squeezed in text for text in self._squeezed)
        if any(spaced in f" {text} " for text in self._texts):
            return True
        holding = [text for text in self._squeezed if squeezed in text]
        whole = re.compile(_between_numbers(squeezed)) if holding else None
        return whole is not None and any(map(whole.search, holding))

    def _has_word(self, word: str) -> bool:
        if word.isdigit():
            return word in self._words if len(word) > _LONGEST else self.has_number(float(word))
        return word in self._words or (len(word) >= 5 and any(stem in self._stems for stem in _stems(word)))

    def _has_date(self, value: str) -> bool:
        """Its day was said, of no other month, and its month, where months were called by a name; a range may begin or end with a month."""
        match = _DATE.search(value)
        assert match is not None
        return any(self._has_day(month, day) for month, day in _days_of(match))

    def _has_day(self, month: int, day: int) -> bool:
        if day in (1, 28, 29, 30, 31) or (month, day) in self._days:
            return True
        if any(day == other for _, other in self._days):
            return False  # of another month
        if self._months and month not in self._months and not self.has_number(month):
            return False
        return self.has_number(day) or any(word.rstrip("stndrh") == str(day) for word in self._words)

    def _has_code(self, code: str) -> bool:
        """Letters of a word that begins with the first of them, or of up to three words: usd of "US dollars", fr of "French"; or a sign for it."""
        for name in _OF_CODES.get(code, ()):
            if name in self._signs if len(name) == 1 and not name.isalnum() else any(word.startswith(name) for word in self._words):
                return True
            if not name.isascii() and any(name in text for text in self._squeezed):
                return True
        for text in self._texts:
            words = text.split()
            for place, word in enumerate(words):
                if word[0] == code[0] and _is_subsequence(code, "".join(words[place : place + 3])[:24]):
                    return True
        return False

    def shares(self, text: str) -> bool:
        """Whether any telling word of a text was said; of writing without spaces, a quarter of its pairs of characters."""
        words = _words(_plain(text))
        if not text.isascii() and self._has_most_pairs(words, share=0.25):
            return True
        long = [word for word in words if len(word) > 3][:200]
        return any(self._has_word(word) for word in long) if long else text in self

    def _has_most_pairs(self, words: list[str], share: float = _MOST_OF_LONG) -> bool:
        pairs = [word[place : place + 2] for word in words for place in range(max(1, len(word) - 1))]
        return sum(pair in self._pairs or pair in self._words for pair in pairs) >= share * len(pairs)


def _days_in(text: str) -> Iterator[tuple[int, int]]:
    """(month, day) of each date in a text, and in both orders where that is open."""
    for match in _DATE.finditer(text):
        yield from _days_of(match)
    for match in _DAY_OF_MONTH.finditer(text):
        yield _MONTHS.index((match[1] or match[4]).casefold()) + 1, int(match[2] or match[3])


def _days_of(date: re.Match[str]) -> list[tuple[int, int]]:
    if date[1]:
        return [(int(date[2]), int(date[3]))]
    return [(int(date[5]), int(date[4])), (int(date[4]), int(date[5]))]


def _digits(number: float) -> str:
    """The size of a number by the digits that a float keeps: 0.1 + 0.2 is 0.3."""
    return f"{abs(number):.{_LONGEST}g}"


def _plain(text: str) -> str:
    """In small letters and without accents: "Zürich" and "Zurich" are said alike."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return plain if plain.isascii() else unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", plain)))


def _words(plain: str) -> list[str]:
    return _WORD.findall(plain.replace("_", " "))


def _between_numbers(squeezed: str) -> str:
    """A pattern for it that cuts no number at its ends."""
    before, after = ("(?<!\\d)" if squeezed[0].isdigit() else ""), ("(?!\\d)" if squeezed[-1].isdigit() else "")
    return f"{before}{re.escape(squeezed)}{after}"


def _stems(word: str) -> Iterator[str]:
    """What is left of a word without an ending of up to four letters: travel, travels and traveling have one in common."""
    return (word[:end] for end in range(max(4, len(word) - 4), len(word) + 1))


def _is_subsequence(letters: str, text: str) -> bool:
    left = iter(text)
    return all(letter in left for letter in letters)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The single values in lists and objects, with where they stand: ("flights.0.date", "2024-05-03")."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from leaves(item, f"{path}.{place}" if path else str(place))
    else:
        yield path, value
