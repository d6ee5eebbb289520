"""Which options an answer chooses: by their letters, or by what one of them says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from operators.bases.answer_overlap import answer_units
from operators.bases.math_answers.extraction import final_answer
from operators.evaluation.formats.options import LETTERS

_TAIL: Final = 10_000
_SHORT: Final = 400
_MARKED: Final = re.compile(
    r"(?<!other )(?<!wrong )(?<!incorrect )(?<!false )"
    r"(?:\b(?:answers?|options?|choices?|ones?|antwort|respuesta|r[ée]ponse|risposta|resposta|ответ)\b|答案|选|正解|答え|정답)"
    r"[*_ \t\"']*(?:(?:is|are|ist|lautet|es|est|é|è)\b|为|是|は|은|는)?[*_ \t]*[:：.]?\s*(?=(?P<said>[^\n]{1,200}))",
    re.IGNORECASE,
)
"""What follows is looked at and not taken, so that a marker in it is found too: "the answer is A. No, the answer is B"."""
_MARKUP: Final = re.compile(r"\\(?:boxed|text|textbf|textit|mathbf|mathrm)(?![a-z])|[*_$\\{}\[\]\"'`]")
_ONE: Final = re.compile(
    r"(?i:(?:so|thus|therefore|hence|(?:i (?:think|believe) )?it(?: is|s)|i(?: would|d)? (?:choose|pick|say|select))\b[ ,:]*)?"
    r"\(?([A-Z])\)?"
    r"(?:[.。]?|(?P<mark>[).:、,;。]|\s[-–—]\s|\s(?=\())\s*(?P<rest>\S.*)|\s+because\b.*|\s+(?:is|seems|would)\b(?P<verdict>.*)"
    r"|\s?(?:です|である|입니다|이다|是正确|是对).*)",
    re.DOTALL,
)
_SMALL: Final = re.compile(r"\(?([a-z])\)?[.。]?")
_SEVERAL: Final = re.compile(
    r"[-•\s]*(?P<letters>\(?[A-Z]\)?(?:(?:\s|[-•,;/&+、和]|\band\b)*\(?[A-Z]\)?)*|[a-z](?:\s*[,;]\s*[a-z])+)"
    r"(?:[.。]?|,?\s+(?:because|(?:and\s+)?not)\b.*|\s+(?:is|are)\b(?P<verdict>.*))",
    re.DOTALL,
)
_DENIED: Final = re.compile(r"(?:\s+\w+){0,3}?\s+(?:not|no|never|hardly|wrong|incorrect|false|unlikely|impossible)\b", re.IGNORECASE)
_ITEM: Final = re.compile(r"[-•*_\s]*\(?([A-Z])[).:：、][*_]*\s*(\S.*)")


def chosen(answer: str, options: Sequence[str], several: bool = False) -> tuple[int, ...] | None:
    """The places, counted from 0, of the options that an answer chooses; None where it chooses none.

    What it states as its answer counts, not a letter on the way there: "A good choice is C" chooses C. A single capital at the beginning of a
    sentence ("A dog ...") is no choice, nor is one that is denied ("A is wrong"), one of a list of options, or one of two where one is asked for.
    An answer without letters chooses the one option that it repeats.

    Args:
        answer: what the model said, thoughts included.
        options: the contents of the options, in the order of their letters.
        several: whether more than one may be chosen.

    >>> chosen("A good choice is C", ["x", "y", "z"]), chosen("Answer: A, C", ["x", "y", "z"], several=True), chosen("I do not know", ["x", "y"])
    ((2,), (0, 2), None)
    """
    known = LETTERS[: len(options)]
    if not known:
        return None
    text = answer[-_TAIL:].rpartition("</think>")[2].strip()
    final = final_answer(text)
    stated = _stated(text, final.text if final and (final.found_by == "boxed" or (final.found_by == "marker" and not several)) else "")
    if several and (items := _listed(text, options)):
        return items
    for said in stated:
        letters = _letters(said, known, several)
        if letters:
            return letters
    contents = [answer_units(said) for said in (*stated, *([final.text] if final else ()))]
    repeated = [place for place, option in enumerate(options) if answer_units(option) in contents]
    return tuple(repeated) if len(repeated) == 1 else None


def _stated(text: str, final: str) -> list[str]:
    """What an answer may state as its choice, the most telling first: what follows its last markers, its final answer, all of it where it is
    short, its last line and its first. Lines of a list of options state nothing."""
    found = [marked["said"].strip() for marked in reversed(list(_MARKED.finditer(text)))]
    lines = text.splitlines() or [""]
    items = {item[1] for item in map(_ITEM.match, lines) if item}
    found += [final, *(said for said in (text if len(text) <= _SHORT else "", lines[-1], lines[0]) if len(items) < 2 or not _ITEM.match(said))]
    return [said for said in found if said]


def _letters(said: str, known: str, several: bool) -> tuple[int, ...] | None:
    plain = _MARKUP.sub("", unicodedata.normalize("NFKC", said)).strip()
    of_several = _SEVERAL.fullmatch(plain) if several else None
    if of_several is not None and not _DENIED.match(of_several["verdict"] or ""):
        letters = [letter for letter in of_several["letters"].replace("and", "").upper() if letter in LETTERS]
        return tuple(sorted({known.index(letter) for letter in letters})) if all(letter in known for letter in letters) else None
    letter = _one_letter(plain, known)
    return (known.index(letter),) if letter and letter in known else None


def _one_letter(plain: str, known: str) -> str:
    """The only letter that is stated; empty where another stands beside it ("B, C"; "A. yes B. no"), or where it is denied ("A is wrong")."""
    small = _SMALL.fullmatch(plain)
    if small is not None:
        return small[1].upper()
    one = _ONE.fullmatch(plain)
    if one is None or _DENIED.match(one["verdict"] or ""):
        return ""
    mark, rest = (one["mark"] or "").strip(), one["rest"] or ""
    if re.match(rf"\(?[{known}]\)?(?:\W|$)", rest) or (mark and re.search(rf"(?<!\w)\(?[{known}]\s*{re.escape(mark)}\s*\S", rest)):
        return ""
    return one[1]


def _listed(text: str, options: Sequence[str]) -> tuple[int, ...]:
    """Options whose letters and contents stand at the end of a text, each on a line; empty where it is not more than one."""
    places = set()
    for line in reversed(text.splitlines()):
        item = _ITEM.match(line)
        place = LETTERS.index(item[1]) if item else len(options)
        if item is None or place >= len(options) or answer_units(item[2]) != answer_units(options[place]):
            break
        places.add(place)
    return tuple(sorted(places)) if len(places) > 1 else ()
