"""Reading the facts of a text: its numbers, dates, names and negations, in their order. Linear in the text; no model guesses anything.

What is read is what a reader sees: tags, comments, pictures, the addresses behind links, emphasis and words that a line break divides are put aside.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from operators.bases.pieces import MARKS, UNSPACED
from operators.knowledge.facts.words import (
    HAN_NEGATIONS,
    HAN_NUMERALS,
    HAN_UNITS,
    MONTHS,
    NEGATION_IN_WORD,
    NEGATION_UNSPACED,
    NEGATIONS,
    NO_NAMES,
    NUMBER_WORDS,
    UNITS,
    WEEKDAYS,
)

Kind = Literal["number", "date", "name", "negation", "address", "wording"]


class Fact(NamedTuple):
    """`text` in the form in which two facts are compared: "5km" for "5 km", "2024-03-05" for "March 5, 2024"."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Reading:
    """`facts` in the order of the text, but for addresses, which come last. `words` are all words; of scripts without spaces the characters.

    A name is any word with a capital letter, a digit or an underscore that is no function word, at the beginning of a sentence too: a word that a
    rewriting leaves alone does no harm among them.
    """

    facts: tuple[Fact, ...]
    words: tuple[str, ...]
    unspaced: str
    """What is written in scripts without spaces, a space for all between."""


_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_HIDDEN: Final = re.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\s]{0,1000}(?:\s[^()\n]{0,200})?\)|</?[A-Za-z][^<>]{0,1000}>|\]\([^()\s]{0,1000}\)")
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code).isalnum() or chr(code) in "％＋－．"}
_FULL_WIDTH_GROUPS: Final = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
_FRACTION: Final = re.compile("(\\d?)([\u00bc-\u00be\u2150-\u215e])")
_SPACES: Final = re.compile(r"[ \t\u00a0\u3000]{2,}")
_DIVIDED: Final = re.compile(r"(?<=[^\W\d_])-\n[ \t]{0,20}(?=[^\W\d_])")
_MARKS: Final = re.compile(r"[*`~|\\\[\]]+|^[ \t]*[#>]+", re.MULTILINE)
_ADDRESS: Final = re.compile(r"(?:https?|ftp)://[^\s<>\"')\]]+|www\.[^\s<>\"')\]]+")
_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_DIGITS: Final = r"\d{1,3}(?:[,’\u00a0\u202f]\d{3})+(?!\d)|\d+"
_UNIT: Final = "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True)))
_HAN_UNIT: Final = "|".join(HAN_UNITS)
_TOKEN: Final = re.compile(
    rf"""(?P<iso>(?<!\d)\d{{4}}(?:-\d{{1,2}}-|/\d{{1,2}}/)\d{{1,2}}(?!\d))
    |(?P<han_date>(?<!\d)\d{{2,4}}年\d{{1,2}}月(?:\d{{1,2}}[日号])?)
    |(?P<day_first>(?<!\d)\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?=[^\W\d_])(?:of\s|de\s)?(?i:{_MONTH})\b\.?(?:,?\s(?:de\s)?\d{{4}}(?!\d))?)
    |(?P<month_first>\b(?i:{_MONTH})\b\.?\s\d{{1,4}}(?:st|nd|rd|th)?(?!\d)(?:,?\s\d{{4}}(?!\d))?)
    |(?P<number>(?P<compared>[<>≤≥≠]=?\s?)?(?P<sign>(?<![\w)\]])[-−+±])?(?P<currency>[$€£¥₹￥]\s?)?(?P<digits>{_DIGITS})(?P<rest>(?:[.:/]\d+)*[⁰¹²³⁴-⁹½¼¾⅓⅔]*)
        (?P<unit>\s?[%‰°][CF]?|[^\W\d_{UNSPACED}]{{1,12}}|[ \u00a0\u202f-](?=[^\W\d_])(?:{_UNIT})(?![^\W{UNSPACED}])|\s?(?:{_HAN_UNIT}))?)
    |(?P<word>[^\W\d{UNSPACED}](?:[^\W{UNSPACED}]|[{MARKS}])*(?:['’][^\W\d_{UNSPACED}]+)*)
    |(?P<numerals>第?[{HAN_NUMERALS}]+(?:{_HAN_UNIT})?|第一|一(?:{_HAN_UNIT}))
    |(?P<negation>{"|".join(NEGATION_UNSPACED)})
    |(?P<unspaced>[{UNSPACED}])""",
    re.VERBOSE,
)
_TITLES: Final = re.compile(r"《([^《》\n]{1,60})》|「([^「」\n]{1,60})」")
_SURNAMES: Final = (
    "王李张劉刘陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖田董潘袁蔡蒋蔣余杜叶葉程魏苏蘇吕呂丁沈任姚卢盧傅钟鍾姜崔"
    "谭譚廖范汪陆陸金石戴贾賈韦韋夏邱方侯邹鄒熊孟秦白江阎薛尹段雷龙龍陶贺賀顾顧毛郝龚邵万錢钱严覃武莫孔汤"
)
_HAN_NAME: Final = re.compile(
    rf"[\u4e00-\u9fff]{{1,8}}(?:·[\u4e00-\u9fff]{{1,8}}){{1,3}}|[{_SURNAMES}][\u4e00-\u9fff]"
    r"|[\u4e00-\u9fff]{1,3}[省市县区州国镇村路街山河湖岛港]|[\u4e00-\u9fff]{1,6}(?:大学|公司|学院|医院|银行|集团|协会|委员会)"
)


def read_facts(text: str) -> Reading:
    """The facts of a text.

    >>> [fact.text for fact in read_facts("On March 5, 2024 Ada Lovelace did not walk 5 km.").facts]
    ['2024-03-05', 'ada', 'lovelace', 'not walk', '5km']
    """
    seen, addresses = seen_text(text)
    found = _Found(seen)
    found.read()
    facts = [*found.facts, *(Fact("address", address) for address in addresses)]
    return Reading(tuple(facts), tuple(found.words), "".join(found.unspaced))


def seen_text(text: str) -> tuple[str, list[str]]:
    """The text as a reader sees it, and the addresses that were written out in it."""
    text = html.unescape(_INVISIBLE.sub("", text)) if "&" in text else _INVISIBLE.sub("", text)
    text = _without_comments(text)
    text = _FULL_WIDTH_GROUPS.sub(",", unicodedata.normalize("NFC", text).translate(_FULL_WIDTH))
    text = _FRACTION.sub(_written_out, text)
    text = _DIVIDED.sub("", text.replace("\r\n", "\n"))
    text = _SPACES.sub(" ", _HIDDEN.sub(lambda match: "" if match[0].startswith("](") else " ", text))
    addresses = [match[0].rstrip(".,;:!?") for match in _ADDRESS.finditer(text)]
    return _MARKS.sub(lambda match: "\n" if "#" in match[0] or ">" in match[0] else "", _ADDRESS.sub(" ", text)), addresses


def _written_out(fraction: re.Match[str]) -> str:
    """ "1½" as "1 1/2"."""
    whole = f"{fraction[1]} " if fraction[1] else ""
    return whole + unicodedata.normalize("NFKC", fraction[2]).replace("\u2044", "/")


def _without_comments(text: str) -> str:
    kept, end = [], 0
    while (start := text.find("<!--", end)) >= 0 and (closed := text.find("-->", start)) >= 0:
        kept.append(text[end:start])
        end = closed + 3
    return "".join([*kept, text[end:]])


class _Found:
    """What is found while a text is read from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.facts: list[Fact] = []
        self.words: list[str] = []
        self.unspaced: list[str] = []
        self._negation: str | None = None
        self._end = 0

    def read(self) -> None:
        han = self._han_names()
        for token in _TOKEN.finditer(self.text):
            while han and han[0][0] <= token.start():
                self._name(han.pop(0)[1])
            kind = token.lastgroup or "number"
            if kind == "unspaced":
                self._character(token[0], token.start())
            elif kind == "negation":
                for place, character in enumerate(token[0]):
                    self._character(character, token.start() + place)
                    self._end = token.start() + place + 1
                self.facts.append(Fact("negation", "not"))
            elif kind == "word":
                self._word(token[0], token.start())
            else:
                self._negated(token[0])
                self.facts.append(Fact("number", token[0]) if kind == "numerals" else self._number(token))
                self.words.append(self.facts[-1].text)
            self._end = token.end()
        for _, name in han:
            self._name(name)
        self._negated("")

    def _han_names(self) -> list[tuple[int, str]]:
        titles = [(match.start(), match[1] or match[2]) for match in _TITLES.finditer(self.text)]
        return sorted([*titles, *((match.start(), match[0]) for match in _HAN_NAME.finditer(self.text))])

    def _name(self, name: str) -> None:
        self.facts.append(Fact("name", name))

    def _character(self, character: str, start: int) -> None:
        self.words.append(character)
        if self.unspaced and start != self._end:
            self.unspaced.append(" ")
        self.unspaced.append(character)
        self._negated(character)
        if character in HAN_NEGATIONS:
            self._negation = character

    def _word(self, word: str, start: int) -> None:
        if self.unspaced and self.unspaced[-1] != " ":
            self.unspaced.append(" ")
        folded = word.replace("’", "'").casefold()
        bare = folded.removesuffix("'s")
        self.words.append(folded)
        self._negated(folded)
        if folded in NEGATIONS or NEGATION_IN_WORD.search(folded):
            self._negation = folded if folded in NEGATIONS and folded != "cannot" else "not"
        elif folded in NUMBER_WORDS or folded.rpartition("und")[2] in NUMBER_WORDS:
            self.facts.append(Fact("number", folded))
        elif folded in WEEKDAYS or (folded in MONTHS and len(folded) > 2 and word[0].isupper()):
            self.facts.append(Fact("date", folded))
        elif _may_be_name(word) and bare not in NO_NAMES and bare.partition("'")[0] not in NO_NAMES:
            self.facts.append(Fact("name", bare))

    def _negated(self, following: str) -> None:
        """A negation is a fact together with the word after it."""
        if self._negation is not None:
            self.facts.append(Fact("negation", f"{self._negation} {following}".strip()))
            self._negation = None

    def _number(self, token: re.Match[str]) -> Fact:
        if token["digits"] is None:
            return Fact("date", _date(token))
        unit = (token["unit"] or "").strip(" -\n\t\u00a0\u202f")
        unit = unit.lower().removesuffix("s") if len(unit) > 3 else unit
        unit = "%" if unit in ("percent", "prozent") else unit
        sign = "-" if token["sign"] in ("-", "−") else token["sign"] or ""
        digits = re.sub("[,’\u00a0\u202f]", "", token["digits"])
        return Fact(
            "number", f"{(token['compared'] or '').strip()}{sign}{(token['currency'] or '').strip()}{_ascii(digits)}{_ascii(token['rest'])}{unit}"
        )


def _may_be_name(word: str) -> bool:
    """A word with a capital letter, a digit or an underscore in it."""
    return any(character.isupper() or character.isdigit() or character == "_" for character in word)


def _ascii(digits: str) -> str:
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in digits)


def _date(token: re.Match[str]) -> str:
    """Year, month and day as ISO 8601 writes them, so far as they are given."""
    numbers = [int(number) for number in re.findall(r"\d+", _ascii(token[0]))]
    if token["iso"] or token["han_date"]:
        return "-".join(f"{number:02}" for number in numbers)
    named = re.search(rf"(?i:{_MONTH})", token[0])
    month = f"{MONTHS[named[0].lower()]:02}" if named else ""
    if len(numbers) == 2:
        return f"{numbers[1]:04}-{month}-{numbers[0]:02}"
    return f"{month}-{numbers[0]:02}" if numbers[0] <= 31 else f"{numbers[0]:04}-{month}"
