"""What was said so far in a conversation, and whether a value was: grounded, and not imagined."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"\d+(?:[,'\u2019\u202f](?=\d{3}\b)\d{3})*(?:\.\d+)?")
_SCALED: Final = re.compile(r"(\d+(?:\.\d+)?)\s?(?:(k\b|thousand)|(m\b|million)|(bn?\b|billion)|(%|percent|per cent)|(万)|(亿))", re.IGNORECASE)
_AFTERNOON: Final = re.compile(r"\b(\d{1,2})(?::\d\d)? ?p\.?m\b", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_RELATIVE: Final = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|now|current(?:ly)?|next|last|coming|this (?:week|month|year|morning|afternoon|evening|weekend)|weekend"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|in (?:a|\w+) (?:days?|weeks?|months?|years?)|ago|later)\b|今天|明天|昨天|下周|现在",
    re.IGNORECASE,
)
_COUNTED: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
)
_NUMBER_WORDS: Final[Mapping[str, float]] = {
    **{word: float(number) for number, word in enumerate(_COUNTED.split())},
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "thousand": 1000,
    "dozen": 12,
    "half": 0.5,
    "quarter": 0.25,
    "a": 1,
    "an": 1,
    "once": 1,
    "single": 1,
    "couple": 2,
    "twice": 2,
    "both": 2,
    "pair": 2,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "week": 7,
    "weekly": 7,
    "monthly": 12,
    "quarterly": 4,
    **{word: float(number) for number, word in enumerate("一二三四五六七八九十", 1)},
    "两": 2,
}
_SMALL_WORDS: Final = frozenset("a an the of in on at to for and or with by from my your his her our their is are be as it this that".split())
_OF_CODES: Final = {"gbp": "pound", "chf": "franc", "cny": "yuan", "rmb": "yuan", "uk": "kingdom", "de": "german"}
"""Codes whose letters do not stand in the word that people say."""
_MOST_OF_LONG: Final = 0.6
"""Of the words of a text of several, how many have to have been said: a title may be put in other words."""


class Said:
    """All that was said up to some point. `add` takes the next text."""

    def __init__(self) -> None:
        self._squeezed: list[str] = []
        self._words: set[str] = set()
        self._stems: set[str] = set()
        self._numbers: set[float] = set()
        self._texts: list[str] = []
        self._pairs: set[str] = set()
        self._relative = False

    def add(self, text: str) -> None:
        if not text:
            return
        plain = unicodedata.normalize("NFKC", text).casefold()
        words = _WORD.findall(plain.replace("_", " "))
        self._squeezed.append("".join(words))
        self._texts.append(" ".join(words))
        self._words.update(words)
        self._stems.update(word[:4] for word in words if len(word) >= 4)
        self._pairs.update(word[place : place + 2] for word in words if not word.isascii() for place in range(len(word) - 1))
        self._numbers |= numbers_in(text)
        self._relative = self._relative or _RELATIVE.search(text) is not None

    def __contains__(self, value: Any) -> bool:
        if value is None or isinstance(value, bool) or value in ("", [], {}):
            return True
        if isinstance(value, int | float):
            return self.has_number(float(value))
        if isinstance(value, str):
            return self._has_text(value)
        if isinstance(value, Mapping):
            return all(item in self for item in value.values())
        return all(item in self for item in value)

    def has_number(self, value: float) -> bool:
        return any(abs(abs(value) - number) <= 1e-9 * max(1.0, number) for number in self._numbers)

    def _has_text(self, value: str) -> bool:
        plain = unicodedata.normalize("NFKC", value).casefold()
        words = _WORD.findall(plain.replace("_", " "))
        squeezed = "".join(words)
        if not squeezed or any(squeezed in text for text in self._squeezed):
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
        return found == len(telling) if len(telling) <= 3 else found >= _MOST_OF_LONG * len(telling)

    def _has_word(self, word: str) -> bool:
        if word.isdigit():
            return self.has_number(float(word))
        return word in self._words or (len(word) >= 5 and word[:4] in self._stems and any(_same_stem(word, other) for other in self._words))

    def _has_date(self, value: str) -> bool:
        """Its day was said, whatever the month was called; a range may begin or end with a month."""
        match = _DATE.search(value)
        assert match is not None
        day = int(match[3] or match[4])
        return self.has_number(day) or any(word.rstrip("stndrh") == str(day) for word in self._words) or day in (1, 28, 29, 30, 31)

    def _has_code(self, code: str) -> bool:
        """Letters of a word that begins with the first of them, or of up to three words: usd of "US dollars", fr of "French"."""
        if code in _OF_CODES and any(word.startswith(_OF_CODES[code]) for word in self._words):
            return True
        for text in self._texts:
            words = text.split()
            for place, word in enumerate(words):
                if word[0] == code[0] and _is_subsequence(code, "".join(words[place : place + 3])[:24]):
                    return True
        return False

    def shares(self, text: str) -> bool:
        """Whether any telling word of a text was said; of writing without spaces, a quarter of its pairs of characters."""
        words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("_", " "))
        if not text.isascii() and self._has_most_pairs(words, share=0.25):
            return True
        long = [word for word in words if len(word) > 3][:200]
        return any(self._has_word(word) for word in long) if long else text in self

    def _has_most_pairs(self, words: list[str], share: float = _MOST_OF_LONG) -> bool:
        pairs = [word[place : place + 2] for word in words for place in range(max(1, len(word) - 1))]
        return sum(pair in self._pairs or pair in self._words for pair in pairs) >= share * len(pairs)


def _same_stem(word: str, other: str) -> bool:
    """travel, travels, traveling: the same but for an ending."""
    shorter = min(len(word), len(other))
    common = next((place for place in range(shorter) if word[place] != other[place]), shorter)
    return common >= 4 and max(len(word), len(other)) - common <= 4


def _is_subsequence(letters: str, text: str) -> bool:
    left = iter(text)
    return all(letter in left for letter in letters)


def numbers_in(text: str) -> set[float]:
    """The numbers that a text states: in digits, with thousands, percent, million, p.m., and as English words up to twenty."""
    written = _NUMBER.findall(text)
    found = {_number(match) for match in written}
    found |= {float(part) for match in written if "," in match for part in match.split(",")}  # 1,200 may be a number or two
    for amount, thousand, million, billion, percent, myriad, hundred_million in _SCALED.findall(text):
        scale = 1e3 if thousand else 1e6 if million else 1e9 if billion else 1e4 if myriad else 1e8 if hundred_million else 0.01 if percent else 1
        found.add(float(amount) * scale)
    found |= {float(hour) + 12 for hour in _AFTERNOON.findall(text) if int(hour) < 12}
    return found | {_NUMBER_WORDS[word] for word in _WORD.findall(text.casefold()) if word in _NUMBER_WORDS}


def digits_in(text: str) -> set[float]:
    """The numbers that stand in a text in digits, as they stand there."""
    return {_number(match) for match in _NUMBER.findall(text)}


def _number(text: str) -> float:
    return float(re.sub(r"[,'\u2019\u202f]", "", text))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The single values in lists and objects, with where they stand: ("flights.0.date", "2024-05-03")."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from leaves(item, f"{path}.{place}")
    else:
        yield path, value
