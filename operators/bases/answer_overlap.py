"""Whether two short answers say the same, by their words: exact match and F1 as SQuAD and HotpotQA count them, in any script.

Texts are compared as *units*: words in lower case without punctuation; single characters in scripts that put no spaces between words (Chinese,
Japanese, Thai) and in Korean, whose particles are written onto words. Numbers are compared by what they say: "1,000" is "1000", "2.50" is "2.5",
"three" is "3", "三百" is "300". An article (a, an, the) counts only where nothing follows it, so that "vitamin A" is not "vitamin C". Accents
and signs of comparison before a number (< ≥) count. Time is linear in the texts.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from operators.bases.number_words import is_scale, plain_number, spoken_numbers, with_digits

_ALONE: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Korean
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Kana, Han
)
_UNIT: Final = re.compile(
    r"(?P<ordinal>\d+(?:st|nd|rd|th)\b)"
    r"|(?P<number>(?<![^\W_])-?\d+(?:[.,']\d+)*|\d+(?:[.,']\d+)*|(?<![\w.,'])-?\.\d+)"
    r"|(?P<compared>[<>≤≥≠]=?(?=\s*-?\.?\d))"
    rf"|(?P<alone>[{_ALONE}]+)"
    rf"|(?P<word>[^\s\d.,'+#%<>≤≥≠{_ALONE}-]+(?:'[^\s\d.,'+#%<>≤≥≠{_ALONE}-]+)*(?:\+\+|#)?)"
    r"|(?P<percent>%)"
    r"|\s+|[.,'+#<>≤≥≠-]"
)
_INITIALS: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}")
"""Letters with a dot each: "U.S." is "US"."""
_ARTICLE: Final = "\0"
"""Before an article, as long as it is not known whether something follows it."""
_ARTICLES: Final = frozenset(("a", "an", "the"))
_VERDICTS: Final[Mapping[str, str]] = {
    **dict.fromkeys("yes yeah yep 是 是的 对 对的 はい ええ 네 예 ja oui sí si sì sim да نعم हाँ".split(), "yes"),
    **dict.fromkeys("no nope 否 不 不是 不对 いいえ 아니요 아니오 nein non não нет لا नहीं".split(), "no"),
    **dict.fromkeys(("noanswer", "no answer", "unanswerable"), "no answer"),
}
_FIRST_WORDS: Final = re.compile(r"\s*([^\s,.:;!。，、！：；]+)\s*(?:[,:;!。，、！：；]|\.(?!\s*\d))")
"""The dot of "No. 5" ends no first word."""


class Overlap(NamedTuple):
    """Shares of units in common, 0 to 1. `exact`: the units are the same, in the same order."""

    exact: bool
    precision: float
    recall: float
    f1: float


NOTHING: Final = Overlap(False, 0.0, 0.0, 0.0)
SAME: Final = Overlap(True, 1.0, 1.0, 1.0)


def answer_units(text: str) -> list[str]:
    """What of an answer is compared.

    >>> answer_units("The cost: 1,000.00 US-dollars (three  C++ books)"), answer_units("在1998年")
    (['cost', '1000', 'us', 'dollars', '3', 'c++', 'books'], ['在', '1998', '年'])
    """
    units: list[str] = []
    for unit in _UNIT.finditer(_INITIALS.sub(lambda dotted: dotted.group().replace(".", ""), with_digits(text)).translate(_PLAIN)):
        said, form = unit.group().casefold(), unit.lastgroup
        if form == "alone":
            units += said
        elif form == "number":
            units.append(plain_number(said))
        elif form == "percent":
            units.append("percent")
        elif form == "word" and said in _ARTICLES and not (unit.group() == "A" and units):  # within an answer, "A" is a grade or a vitamin
            units.append(_ARTICLE + said)
        elif form is not None:
            units.append(said.removesuffix("'s").replace("i\u0307", "i"))  # "İ" in lower case
    return spoken_numbers(_without_articles(units)) or list("".join(text.casefold().split()))


def _without_articles(units: Sequence[str]) -> list[str]:
    """The units without articles that something follows, but for "a" in "a million"."""
    return [
        unit.removeprefix(_ARTICLE)
        for unit, following in zip(units, (*units[1:], None), strict=False)
        if not unit.startswith(_ARTICLE) or following is None or (unit == f"{_ARTICLE}a" and is_scale(following))
    ]


def verdict_of(text: str) -> str | None:
    """ "yes", "no" or "no answer" where the text is that word alone, in any of a dozen languages; else None."""
    return _VERDICTS.get(" ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .!。！,，"))


def overlap(predicted: str, gold: str) -> Overlap:
    """How far a predicted answer says what the gold answer says.

    Where one of them is yes, no or "no answer" alone, the other has to say that too, alone or as its first word before a mark ("Yes, both are."):
    sharing a word with it is worth nothing.

    >>> overlap("about 1,000 people", "1000 people")
    Overlap(exact=False, precision=0.6666666666666666, recall=1.0, f1=0.8)
    >>> overlap("Yes, both are.", "yes").exact, overlap("no idea", "no").f1
    (True, 0.0)
    """
    verdicts = verdict_of(predicted), verdict_of(gold)
    if any(verdicts):
        first, second = verdicts[0] or _first_verdict(predicted), verdicts[1] or _first_verdict(gold)
        return SAME if first == second else NOTHING
    mine, theirs = answer_units(predicted), answer_units(gold)
    money, other = currencies(predicted), currencies(gold)
    if money and other and money != other:
        mine, theirs = mine + money, theirs + other
    if mine == theirs:
        return SAME
    shared = (Counter(mine) & Counter(theirs)).total()
    if not shared:
        return NOTHING
    precision, recall = shared / len(mine), shared / len(theirs)
    return Overlap(False, precision, recall, 2 * precision * recall / (precision + recall))


def currencies(text: str) -> list[str]:
    """The signs of currencies in a text. They count where both texts have one: "$5" is "5", and not "€5"."""
    return [] if text.isascii() and "$" not in text else sorted({sign for sign in text if unicodedata.category(sign) == "Sc"})


def best_overlap(predicted: str, golds: Iterable[str]) -> Overlap:
    """With the gold answer that it is most like: an exact one, else that of the highest F1. `NOTHING` where there is none."""
    return max((overlap(predicted, gold) for gold in golds), key=lambda found: (found.exact, found.f1), default=NOTHING)


def exact_match(predicted: str, golds: Iterable[str]) -> bool:
    """Whether it says the same as one of several gold answers.

    >>> exact_match("the U.S.", ["United States", "U.S."]), exact_match("23", ["22"])
    (True, False)
    """
    return best_overlap(predicted, golds).exact


class SaidWords:
    """A text, read once, in which answers are looked for by their units: `answer in SaidWords(text)`.

    >>> "Ada Lovelace" in SaidWords("Was it ADA Lovelace's father?"), "1,000" in SaidWords("It has 10000.")
    (True, False)
    """

    def __init__(self, text: str) -> None:
        units = answer_units(text)
        self.units = frozenset(units)
        self._joined = _joined(units)

    def __contains__(self, answer: object) -> bool:
        units = answer_units(answer) if isinstance(answer, str) else []
        return bool(units) and _joined(units) in self._joined


def _joined(units: Sequence[str]) -> str:
    return "\0".join(("", *units, ""))


def as_answers(value: Any) -> list[str]:
    """The answers in a cell: a text, a number, a truth value (yes or no), or a list of them. Nothing for null, NaN and empty texts.

    >>> as_answers(["1998", None, 3.0, True, float("nan")]), as_answers(None)
    (['1998', '3', 'yes'], [])
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        return [answer for one in value for answer in as_answers(one)]
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return [text] if text.strip() else []


def _first_verdict(text: str) -> str | None:
    first = _FIRST_WORDS.match(text)
    return verdict_of(first[1]) if first else None


class _Plain(dict[int, str]):
    """Signs that are no part of a word, as spaces: punctuation, symbols and controls, but for those that belong to numbers, words and C++."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        kept = sign in ".,'+#%<>≤≥≠-" or unicodedata.category(sign)[0] in "LMN"
        self[code] = "'" if sign in "’ʼ" else "-" if sign == "−" else sign if kept else " "
        return self[code]


_PLAIN: Final = _Plain()
