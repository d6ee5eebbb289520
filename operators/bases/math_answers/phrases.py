"""The value that a phrase tells, without its reasons, comparisons and other ways to say it. Linear in the phrase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from operators.bases.math_answers.cleaning import clean
from operators.bases.math_answers.numbers import Quantity
from operators.bases.math_answers.reading import Choice, Formula, Named, Several, Value, Words, has_words, is_prose, read, words_in

MATH: Final = re.compile(r"\\\[(.+?)\\\]|\$\$(.+?)\$\$|\\\((.+?)\\\)|(?<!\\)\$((?:[^$\\]|\\.)+)\$(?!\d)", re.DOTALL)
"""A dollar sign before a digit closes no mathematics: "$12, not $15" is money."""
_ARROW: Final = re.compile(r"=>|⇒|\\Rightarrow(?![A-Za-z])|\\implies(?![A-Za-z])|\\therefore(?![A-Za-z])|∴")
_THEREFORE: Final = re.compile(
    r"\b(?:therefore|thus|hence|consequently)\b"
    r"|(?:^|[,;:.]\s*(?:and\s+)?|\band\s+)\bso\b,?\s+(?!that\b|far\b|many\b|much\b|as\b|on\b)",
    re.IGNORECASE,
)
_LEADING_REASON: Final = re.compile(r"(?:since|because|as|if|when|given\s+that)\b[^,]*(?:,\d{3}[^,]*)*,\s+(?=.*[\d$\\])", re.IGNORECASE | re.DOTALL)
_AT_A_PLACE: Final = re.compile(
    r",?\s(?:(?:is\s+)?(?:attained|achieved|reached|obtained|occurs|occurring)\s+)?(?:when|at|where|for|if|with|by)\s+(?:\$|\\\()?\s*[A-Za-z]\s*=",
    re.IGNORECASE,
)
_TUPLE: Final = re.compile(r"[(\[]\s*-?[\d./]+\s*(?:,\s*-?[\d./]+\s*)+[)\]]")
_PART_OF: Final = re.compile(r"\s*(?:of\s+(?:them|the|these|those)|more|fewer|less)\b", re.IGNORECASE)
_RECKONS: Final = re.compile(
    r"(?:(?<=%)\s+of|(?<=percent)\s+of|\s+(?:by|times|plus|minus|(?:more|less)\s+than|(?:divided|multiplied)\s+by))\s+[$\\]?\d", re.IGNORECASE
)
_RECKONED_WITH: Final = re.compile(r"\d\s+(?:times|plus|minus|(?:divided|multiplied)(?:\s+by)?|(?:more|less|fewer)\s+than\b.*)\Z", re.IGNORECASE)
"""Of a value that is the first of two to be reckoned with: "20% of 50, which is 10"."""
_SMALL_WORD: Final = re.compile(r"(?<![\\A-Za-z{])(?:is|of|at|by|in)(?![A-Za-z}])")
_YES_OR_NO: Final = re.compile(r"(?:yes|no|true|false)(?=\s*(?:[,;.]|$))", re.IGNORECASE)
_BOLD: Final = re.compile(r"\*\*\s*([^*\n]+?)\s*\*\*")
_NUMBER: Final = re.compile(
    r"\d{1,2}:\d{2}(?!\d)(?:\s?[ap]\.?m\b\.?)?|\\frac\{\d+\}\{\d+\}|(?:[$€£¥]\s?)?(?<![A-Za-z0-9_.])[-−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:\s*/\s*\d+(?:\.\d+)?)?(?:\s?(?:[%$€£¥]|percent\b|pct\b))?"
)
_MONEY: Final = re.compile(r"[$€£¥]")
_LINKS: Final = re.compile(
    r"(?<![<>!:])=|\b(?:is|are|was|were|equals?|be|gives?|costs?|pays?|has|have|gets?|makes?|takes?|took|lasts?|lasted|in total|total of)\b"
    r"|是|为|等于|即|：|:(?=\s)",
    re.IGNORECASE,
)
_CIRCUMSTANCE: Final = re.compile(
    r"\b(?:after|before|within|during|over|every|per|in|by|from|when|if|for|at|with)\s+(?:(?:the|all|each|every|only|just|first|next|his|her|their|its|a|an|"
    r"\w+ing)\s+){0,3}\Z",
    re.IGNORECASE,
)
"""What stands before a number that says when, how long or from what, and not how much it is."""
_COMPARED: Final = re.compile(
    r"\b(?:than|not|instead\s+of|out\s+of|unlike|of\s+(?:the|all|his|her|their|these|those))\s+(?:the\s+|all\s+|only\s+)?\Z",
    re.IGNORECASE,
)
"""What stands before a number that the told one is compared with, or a part of."""
_LOOKED_BACK: Final = 80
"""Characters before a number that are looked at for such words."""
_LINKED: Final = re.compile(
    r"(?:\b(?:is|are|was|were|be|equals?|has|have|had|gets?|makes?|made|earn(?:s|ed)|pa(?:ys|id)|spen(?:ds|t)|needs?|needed|takes?|took|costs?|buys?|bought|sells?|sold|saves?|saved|left|get|got)"
    r"|=)\s*(?:(?:about|approximately|exactly|only|now|still|a\s+total\s+of)\s+)?\Z",
    re.IGNORECASE,
)
_REASON: Final = re.compile(r",?\s(?:because|since|while|whereas)\b|,\sas\b|,?\s\(?i\.\s?e\b|,\s(?:that is|in other words),", re.IGNORECASE)
_CONTRAST: Final = re.compile(
    r"(?:,|\band|\bbut)\s+not\b|(?<!\bis)(?<!\bare)(?<!\bwas)(?<!\bwere)(?<!\bbe)(?<!\bdo)(?<!\bdoes)(?<!\bdid)\s+not\s+(?=[\d$\\])"
    r"|,?\s(?:rather\s+than|instead\s+of)\b",
    re.IGNORECASE,
)
_WHICH: Final = re.compile(r",?\swhich\b", re.IGNORECASE)
_WHICH_IS: Final = re.compile(r",?\swhich\s+(?:is|are|was|were|equals?|gives?|makes?|leaves?|means)\b", re.IGNORECASE)
_COMPARISON: Final = re.compile(
    r"\s+[^\s]+\s+(?:\w+\s+)?(?:more|less|fewer|times|greater|larger|smaller|higher|lower|older|younger|longer|shorter|taller|of)\b",
    re.IGNORECASE,
)
_BRACKET: Final = re.compile(r"(?<=[^\s(\[{,=+*/^-])\s+\(([^()]*)\)")
_STARTS: Final = re.compile(
    r"(?:(?:about|approximately|exactly|only|just|roughly|around|a\s+total\s+of)\s+)*[*_]*(?=(?:(?:minus|negative)\s+)?[-−+]?[$€£¥]?\s?[\d.]|[$(\[]|\\[(\[{f])",
    re.IGNORECASE,
)
_DIGITS: Final = r"[$€£¥]?[\d.,]*\d%?"
_RANGE: Final = re.compile(
    rf"(?:between|from)\s+{_DIGITS}\s+(?:\w+\s+)?(?:and|to)\s+{_DIGITS}(?:\s\w+)?"
    rf"|{_DIGITS}\s+(?:(?!divided|multiplied|increased|reduced)\w+\s+)?(?:by|(?:with\s+)?remainder|R)\s+{_DIGITS}(?:\s\w+)?"
    rf"|{_DIGITS}\s+(?:to|out\s+of(?:\s+(?:every|the))?)\s+{_DIGITS}(?:\s\w+)?",
    re.IGNORECASE,
)
"""Two numbers that are one answer."""
_TRAILING: Final = re.compile(
    r"(?:\s+(?:for|of|in|out|at|and|or|with|per|by|from|to|that|who|are|is|were|was|will|can|as|on|when|if|a|an|the|than|but|while|after|before))+$",
    re.IGNORECASE,
)
_CONDITION: Final = re.compile(r"[,;(]|\b(?:if|when|where|that|which|who|because|since)\b", re.IGNORECASE)
_MOST_WORDS: Final = 12


def value_of(phrase: str, stated: bool = False) -> str | None:
    """The part of a phrase that is its answer.

    Args:
        phrase: of one sentence.
        stated: it stands directly after a marker as "the answer is": a value that it begins with is the answer, whatever follows.
    """
    phrase = _without_brackets(phrase.strip())
    if stated and (first := _first_value(_before_aside(phrase, stated))):
        return first
    phrase = _before_aside(_conclusion(phrase), stated=False)
    if not _is_sentence(read(clean(phrase))):
        return phrase
    links = list(_LINKS.finditer(phrase))
    if links:
        last = phrase[links[-1].end() :].strip()
        if last and not isinstance(read(clean(last)), Words):
            return last
    if math := list(MATH.finditer(phrase)):
        return next(part for part in math[-1].groups() if part is not None).strip()
    if bold := _BOLD.findall(phrase):
        return str(bold[-1]).strip()
    if tuples := _TUPLE.findall(phrase):
        return str(tuples[-1])
    if numbers := list(_NUMBER.finditer(phrase)):
        of_money = [number for number in numbers if _MONEY.search(number[0])]
        return (of_money[0] if len(of_money) == 1 else _told(numbers, phrase))[0].strip()
    return phrase if phrase and words_in(phrase) <= _MOST_WORDS else None


def linked_value(sentence: str) -> str | None:
    """The value at the end of a sentence that begins with another one: "3 pens cost 6 dollars". None for other sentences."""
    links = list(_LINKS.finditer(sentence))
    if not links or not _STARTS.match(sentence) or _CONDITION.search(sentence):
        return None
    last = sentence[links[-1].end() :].strip()
    return last if isinstance(read(clean(last)), Quantity) else None


def _first_value(phrase: str) -> str | None:
    """The longest beginning of a phrase that is a value, where the phrase begins with one and not with an equation that is yet to be solved."""
    if found := _RANGE.match(phrase) or _YES_OR_NO.match(phrase):
        return found[0]
    if not _STARTS.match(phrase):
        return None
    for beginning in _beginnings(phrase):
        value = read(clean(beginning))
        if isinstance(value, Formula) and value.relation and not _is_sentence(value):
            return None
        if _is_value(value) and not (isinstance(value, Several) and _PART_OF.match(phrase[len(beginning) :])):
            is_reckoned = _RECKONED_WITH.search(beginning) or _RECKONS.match(phrase, len(beginning))
            return None if is_reckoned else _TRAILING.sub("", beginning)
    return None


def _beginnings(phrase: str) -> Iterator[str]:
    """The phrase, and what stands before each of its first spaces outside mathematics, longest first."""
    inside = _of_mathematics(phrase)
    spaces = [space.start() for space in re.finditer(r"\s", phrase) if not _within(inside, space.start())]
    for end in (len(phrase), *reversed(spaces[:_MOST_WORDS])):
        if beginning := phrase[:end].rstrip(" \t,;:"):
            yield beginning


def _is_sentence(value: Value) -> bool:
    """Whether it is no value as it stands, but words that may hold one: "3 + 4 = 7 pens for 2 children"."""
    if isinstance(value, Named):
        return isinstance(value.value, Words) and bool(re.search(r"\d", value.value.written))
    if isinstance(value, Formula) and _SMALL_WORD.search(value.written):
        return True
    return isinstance(value, Words) or (isinstance(value, Formula) and bool(value.relation) and is_prose(value.written))


def _is_value(value: Value) -> bool:
    if isinstance(value, Several):
        return all(map(_is_value, value.items))
    if isinstance(value, Formula | Named):
        return not has_words(value.written) and not (isinstance(value, Formula) and value.relation)
    return not isinstance(value, Words | Choice)


def _conclusion(phrase: str) -> str:
    """What follows the last "therefore" or "which is", of those parts that hold a value."""
    phrase = _ARROW.split(phrase)[-1].strip() or phrase
    if reason := _LEADING_REASON.match(phrase):
        phrase = phrase[reason.end() :]
    inside = _of_mathematics(phrase)
    ends = [found for found in _THEREFORE.finditer(phrase) if not _within(inside, found.start())]
    ends += [found for found in _WHICH_IS.finditer(phrase) if not _COMPARISON.match(phrase[found.end() :]) and not _within(inside, found.start())]
    ends.sort(key=re.Match.start)
    starts = [0, *(found.end() for found in ends)]
    parts = [phrase[start:stop].strip(" \t,;:") for start, stop in zip(starts, [*(found.start() for found in ends), len(phrase)], strict=True)]
    valued = [part for part in parts if part and (re.search(r"[\d$\\]", part) or not isinstance(read(clean(part)), Words))]
    return valued[-1] if ends and valued else phrase


def _before_aside(phrase: str, stated: bool) -> str:
    """Without what says why the value before it is so, what it is not, and what it is compared with."""
    inside = _of_mathematics(phrase)
    asides = [
        found
        for pattern in (_REASON, _CONTRAST, _WHICH, _WHICH_IS, _AT_A_PLACE)
        for found in pattern.finditer(phrase)
        if not _within(inside, found.start())
    ]
    for aside in sorted(asides, key=re.Match.start):
        before = phrase[: aside.start()].rstrip(" ,")
        first = stated and (bool(_STARTS.match(before)) or not isinstance(read(clean(before)), Words))
        compares = aside.re not in (_WHICH, _WHICH_IS) or bool(_COMPARISON.match(phrase[aside.end() :]))
        if first or (compares and _tells(before, sure=aside.re is not _CONTRAST)):
            return before
    return phrase


def _tells(phrase: str, sure: bool) -> bool:
    """Whether a value is told in it: one that it begins with or that follows a verb; any value where `sure` is false."""
    values = [found.start() for pattern in (MATH, _NUMBER) for found in pattern.finditer(phrase)]
    return any(not sure or not phrase[:at].strip() or _LINKED.search(phrase[max(0, at - _LOOKED_BACK) : at]) for at in values)


def _without_brackets(phrase: str) -> str:
    """Without what stands in brackets after a value and says it in another way, or says what is meant: "3 days (72 hours)"."""
    inside = _of_mathematics(phrase)

    def shortened(found: re.Match[str]) -> str:
        said = found[1].strip()
        value = read(clean(said)) if said and len(said) < _LOOKED_BACK else None
        other_way = isinstance(value, Quantity) and bool(value.unit or value.percent or re.match(r"[\d%]", phrase[found.start() - 1]))
        an_aside = is_prose(said) or said.startswith("=") or other_way
        return "" if an_aside and not _within(inside, found.start(1) - 1) else found[0]

    return _BRACKET.sub(shortened, phrase)


def _of_mathematics(phrase: str) -> list[tuple[int, int]]:
    return [found.span() for found in MATH.finditer(phrase)]


def _within(spans: Sequence[tuple[int, int]], at: int) -> bool:
    return any(begin <= at < end for begin, end in spans)


def _told(numbers: Sequence[re.Match[str]], phrase: str) -> re.Match[str]:
    """The number that a phrase tells: the last one, but for those that it is compared with, and those that say when or from what."""

    def before(number: re.Match[str]) -> str:
        return phrase[max(0, number.start() - _LOOKED_BACK) : number.start()]

    numbers = [number for number in numbers if not _COMPARED.search(before(number))] or numbers
    for place in range(len(numbers) - 1, 0, -1):
        if not _CIRCUMSTANCE.search(before(numbers[place])):
            break
        if _LINKED.search(before(numbers[place - 1])) or not before(numbers[place - 1]).strip():
            return numbers[place - 1]
    return numbers[-1]
