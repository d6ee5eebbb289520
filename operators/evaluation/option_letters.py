"""The letters of options that a statement names: "B", "(B) a rock", "A and C"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from operators.evaluation.formats.options import LETTERS

_ALONE: Final = r"(?![^\W_\u3040-\u9fff\uac00-\ud7af])"
"""No letter of the same word follows; Chinese, Japanese and Korean stand beside a letter without a space."""
_OWN: Final = "\0"
"""Stands behind a letter where the contents of its option stood."""
_FORMAT: Final = re.compile(r"\\(?:text|textbf|textit|mathbf|mathrm)\s*\{([^{}]*)\}|</?[a-z|_]{1,20}>", re.IGNORECASE)
_MARKUP: Final = re.compile("[*_$\\\\{}\\[\\]\"'`「」\u2190-\u21ff\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]")
_LEAD: Final = re.compile(
    r"(?i:(?:so|thus|therefore|hence|probably|clearly|definitely|(?:most )?likely|actually|indeed|it(?:s| is| must be)|i (?:think|believe)"
    r"|i(?: would|d|m| am)? (?:choose|pick|say|select|go(?:ing)? with)|the|both|option|choice|letter|letra|lettre|lettera|opción|opção"
    r"|вариант)(?![^\W_])[ ,:]*|(?-i:a|la|le|el|die|der) |选项)*"
)
_LETTER: Final = re.compile(rf"\(?([A-Z]){_ALONE}\)?")
_SMALL: Final = re.compile(r"\(?([a-z])\)?[.。]?")
_ENDS: Final = re.compile(
    r"(?i:\s?(?:选?项)?(?:\s*$|\0|\s*[).:、,;。!?/+&](?!\w)|[).:、,;。]|\s(?:[-–—]\s|\()|,?\s+(?:because|since|only|alone)\b"
    r"|\s?(?:です|である|입니다|이다|是?正确|是?对|है)))"
)
"""What stands behind a letter that is no word of a sentence, as "A" is in "A dog" and "I" in "I, too"."""
_AFFIRMED: Final = re.compile(
    r"(?i:\s+(?:is|are|seems?|would be|must be)(?:\s+(?!not\b|never\b)\w+){0,3}?\s+(?:correct|right|true|best|answers?|choices?|options?|ones?)\b)"
)
AND: Final = r"(?:and|und|et|y|e|и|en|dan|và|ve|och)"
_ANOTHER: Final = re.compile(
    rf"(?:[\s\0).,;:、。/&+-]|(?<=\s)(?:{AND}|or|oder|ou|o|или|of|but)(?=\s)|[或和と]|또는|및)*\(?(?P<letter>[A-Z]){_ALONE}\)?(?P<rest>.*)",
    re.DOTALL,
)
_SEVERAL: Final = re.compile(
    rf"[-•\s]*(?P<letters>\(?[A-Z]\)?(?:(?:[\s\0\-•,;/&+、和と]|\b{AND}\b)*\(?[A-Z]\)?)*|[a-z](?:\s*[,;]\s*[a-z])+)\0?"
    rf"(?:[.。!]?\s*$|\s+(?:only|alone)\b.*|,?\s+(?:because|(?:and\s+)?not)\b.*|{_AFFIRMED.pattern}.*)",
    re.DOTALL,
)


def letters_in(said: str, options: Sequence[str], several: bool) -> tuple[int, ...] | None:
    """The places of the options whose letters a statement begins with; None where it begins with none, or with two where one is asked for.

    Args:
        said: what may be a statement: what stands behind "the answer is", a line, a short answer.
        options: their contents. What follows a letter may be that of its own option: "B. A rock" does not name A.
        several: whether more than one may be named, also each on a line of its own.

    >>> letters_in("B. A rock", ["A plant", "A rock"], several=False), letters_in("A or B", ["A plant", "A rock"], several=False)
    ((1,), None)
    """
    known = LETTERS[: len(options)]
    every = _plain(said, options)
    line = every.partition("\n")[0].strip()
    for plain in (every, line) if several else ():
        of_several = _SEVERAL.fullmatch(re.sub("^(?:both|only) ", "", plain, flags=re.IGNORECASE))
        if of_several is not None:
            letters = of_several["letters"]
            letters = letters.upper() if letters.islower() else re.sub(rf"\b{AND}\b", "", letters)
            named = [letter for letter in letters if letter in LETTERS]
            return tuple(sorted({known.index(letter) for letter in named})) if all(letter in known for letter in named) else None
    if _SMALL.fullmatch(line) and line in map(without_markup, options):
        return None  # a variable: "$a$" is the option that says so
    letter = _one_letter(line, known)
    return (known.index(letter),) if letter and letter in known else None


def _plain(said: str, options: Sequence[str]) -> str:
    """A text without markup, in which the contents of an option behind its letter are one sign: "B) a rock" and "B (a rock)"."""
    plain = without_markup(said)
    for letter, option in zip(LETTERS, options, strict=False):
        if letter in plain and (content := without_markup(option).rstrip(".")):
            own = rf"(?<![^\W_])(\(?{letter}\)?)\s*(?:[).:、]|[-–—,](?=\s)|(?=[\s(]))\s*\(?{re.escape(content)}(?![^\W_])\)?"
            plain = re.sub(own, rf"\1{_OWN}", plain, flags=re.IGNORECASE if len(content) > 1 else 0)
    return plain


def without_markup(said: str) -> str:
    """A text in plain signs, without the marks of Markdown, LaTeX, JSON and tags, and without emoji."""
    return _MARKUP.sub("", _FORMAT.sub(r"\1", unicodedata.normalize("NFKC", said))).strip()


def _one_letter(plain: str, known: str) -> str:
    """The only letter that is stated; empty where another stands beside it ("B, C"; "A. yes B. no"), or where it is denied ("A is wrong")."""
    said = plain[lead.end() :] if (lead := _LEAD.match(plain)) else plain
    if (small := _SMALL.fullmatch(said)) is not None:
        return small[1].upper()
    one = _LETTER.match(said)
    if one is None:
        return ""
    letter, rest = one[1], said[one.end() :]
    pronoun = letter == "I" and re.match(r"[,\s]+\S", rest)
    if not _AFFIRMED.match(rest) and (pronoun or not _ENDS.match(rest)):
        return ""
    mark = rest.strip()[:1]
    lists = mark in tuple(").:、") and re.search(rf"(?<!\w)[{known}]\s*{re.escape(mark)}\s*\S", rest[1:])
    return "" if lists or _names_another(rest, known) else letter


def _names_another(rest: str, known: str) -> bool:
    """Whether another letter is named with one: " or C", ", C", "; but C is right too"; not ". A is wrong", ". A dog ...", " (not A)"."""
    another = _ANOTHER.match(rest)
    if another is None or another["letter"] not in known:
        return False
    return bool(_ENDS.match(another["rest"]) or _AFFIRMED.match(another["rest"]) or re.match(rf"\s+(?:{AND}|or)\b", another["rest"]))
