"""Which options an answer chooses: by their letters, or by what one of them says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from operators.bases.answer_overlap import SaidWords, answer_units
from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer
from operators.bases.thoughts import without_thought
from operators.evaluation.formats.options import LETTERS
from operators.evaluation.option_letters import AND, letters_in, without_markup

_TAIL: Final = 10_000
_SHORT: Final = 400
_LONGEST_VALUE: Final = 60
_MARKERS: Final = 20
"""That many of the last ones are looked at."""
_NAMES: Final = (
    r"(?:answers?|ans|options?|choices?|ones?|antwort(?:en)?|respuestas?|opci(?:ón|ones)|r[ée]ponses?|rispost[ae]|respostas?|alternativas?"
    r"|ответы?|вариант|antwoord(?:en)?|odpowied(?:ź|zi)|cevap|jawaban|đáp án|उत्तर|الإجابة|svar(?:et)?)"
)
_IS: Final = r"(?:(?:is|are|(?:w|sh|c)ould be|must be|ist|sind|lautet|est?|sont?|è|é|são|adalah|là|هي|هو|är|to)(?![^\W_])|为|是|は|은|는|คือ)"
_MARKED: Final = re.compile(
    rf"(?:(?<!other )(?<!wrong )(?<!incorrect )(?<!false )\b{_NAMES}\b|答案|选[项择]?|正解|答え|정답|คำตอบ|\#{{4}}|\\(?:boxed|fbox)"
    r"|答(?=[:：])|(?:\b(?:so|thus|therefore|hence)\b|所以|因此)(?=[ ,:*]*\(?[A-Z]\)?[ .。*]*$))"
    r"""[*_ \t"'】]*"""
    rf"(?:(?:to (?:the|this|that|your) \w+ )?(?:(?!not )[^\W\d_]{{2,15}}[* ]+){{0,2}}{_IS})?"
    r"[*_ \t]*(?:[:：.=>】→]|[-–—](?= ))?\s*(?=(?P<said>[^\n]{1,500}(?:\n[^\n]{1,500}){0,25}))",
    re.IGNORECASE | re.MULTILINE,
)
"""What follows is looked at and not taken, so that a marker in it is found too: "the answer is A. No, the answer is B"."""
_ITEM: Final = re.compile(r"(?P<marks>[-•*_#\s]*)\(?(?P<letter>[A-Z])[).:：、][*_]*\s*(?P<content>\S.*)")
_CLAUSE: Final = re.compile(r"\s*(?:[.。!?！？;](?=\s|$)|[。！？，]|[,:](?=\s)|\n|\s[-–—(]|\b(?:because|since)\b)", re.IGNORECASE)


def chosen(answer: str, options: Sequence[str], several: bool = False) -> tuple[int, ...] | None:
    """The places, counted from 0, of the options that an answer chooses; None where it chooses none.

    What it states as its answer counts, not a letter on the way there: "A good choice is C" chooses C. A single capital at the beginning of a
    sentence ("A dog ...") is no choice, nor is one that is denied ("A is wrong"), one of a list of options, or one of two where one is asked for.
    An answer without letters chooses the one option that it repeats, in words or as a value.

    Args:
        answer: what the model said, thoughts included.
        options: the contents of the options, in the order of their letters.
        several: whether more than one may be chosen.

    >>> chosen("A good choice is C", ["x", "y", "z"]), chosen("Answer: A, C", ["x", "y", "z"], several=True), chosen("I do not know", ["x", "y"])
    ((2,), (0, 2), None)
    """
    if not options:
        return None
    text = without_thought(answer)[-_TAIL:].strip()
    stated = [said for said in _stated(text) if several or not _is_listed(said, said.splitlines())]
    for said in stated:
        letters = letters_in(said, options, several)
        if letters:
            return letters
    if several and (items := _listed(text, options)):
        return items
    return _repeated(stated, options, several) or _of_value(text, options)


def _stated(text: str) -> list[str]:
    """What an answer may state as its choice, the most telling first: what follows its last markers, all of it where it is short, its last line and
    its first. Lines of a list of options state nothing."""
    after = [marked["said"].strip() for marked in reversed(list(_MARKED.finditer(text))[-_MARKERS:])]
    lines = text.splitlines() or [""]
    around = [said for said in (text if len(text) <= _SHORT else "", lines[-1], lines[0]) if not _is_listed(said, lines)]
    return [said for said in (*after, *around) if said]


def _is_listed(said: str, lines: Sequence[str]) -> bool:
    """Whether it begins with an item of a list: another line has another letter behind the same marks."""
    item = _ITEM.match(said)
    others = (_ITEM.match(line) for line in lines)
    return item is not None and any(
        other and (other["marks"], other["letter"]) != (item["marks"], item["letter"]) and other["marks"] == item["marks"] for other in others
    )


def _listed(text: str, options: Sequence[str]) -> tuple[int, ...]:
    """Options whose letters and contents stand at the end of a text, each on a line; empty where it is not more than one."""
    places = set()
    for line in reversed(text.splitlines()):
        item = _ITEM.match(line)
        place = LETTERS.index(item["letter"]) if item else len(options)
        if item is None or place >= len(options) or answer_units(item["content"]) != answer_units(options[place]):
            break
        places.add(place)
    return tuple(sorted(places)) if len(places) > 1 else ()


def _repeated(stated: Sequence[str], options: Sequence[str], several: bool) -> tuple[int, ...] | None:
    """The option that is stated in its own words, alone or before a mark ("No, it does not"), where none of the others stands behind it."""
    contents = [answer_units(without_markup(option)) for option in options]
    for said in map(without_markup, stated):
        first = _CLAUSE.split(said, maxsplit=1)[0]
        for piece in (said, said.partition("\n")[0], first):
            units = answer_units(piece)
            alike = [place for place, content in enumerate(contents) if content == units]
            places = [place for place in alike if without_markup(options[place]) == piece.strip(" .。")] or alike
            behind = SaidWords(said[len(piece) :])
            if len(places) == 1 and not any(option in behind for place, option in enumerate(options) if place not in places):
                return (places[0],)
        if several:
            pieces = [answer_units(piece) for piece in re.split(rf"\s*[,;、\n&]\s*(?:{AND}\s+)?|\s+{AND}\s+", said.strip(" .。"))]
            if len(pieces) > 1 and all(contents.count(piece) == 1 for piece in pieces):
                return tuple(sorted({contents.index(piece) for piece in pieces}))
    return None


def _of_value(text: str, options: Sequence[str]) -> tuple[int, ...] | None:
    """The one option that has the value of the final answer: "1/2" beside "0.5"."""
    final = final_answer(text)
    if final is None or final.found_by == "last line" or max(map(len, (final.text, *options))) > _LONGEST_VALUE:
        return None
    equal = [place for place, option in enumerate(options) if compare_answers(option, final.text).equal]
    return tuple(equal) if len(equal) == 1 else None
