"""Texts that stop in the middle."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})(.*)$", re.MULTILINE)
_END_MARKS: Final = frozenset(".!?…。！？।؟۔։។။:;)]}\"'”’»›」』】》*_`~|=>/\\%°€$£+")
_HANGING: Final = frozenset(
    "a an the and or but nor because although while if whose than as of to for from with without into onto between during "
    "could would should may might must its their his our your my these those every per und oder der die das ein eine mit von zu et ou le la les "
    "un une de du des avec y el los las con e il lo gli".split()
)
"""Words that want another after them. Those that also end sentences ("closes in", "I do") are not among them."""
_HANGING_CLAUSE = re.compile(
    r"\b(?:because|which|although|whereas|unless|so that|in order|such as|due to|as well|(?:which|who|and|but|it) then)"
    r"(?: (?:it|they|he|she|you|we|i|this|these|there|their))?$",
    re.I,
)
_NO_WORD = re.compile(r"[#@\uff03\uff20]\S+|\S*(?:://|www\.|@)\S+|[:;=][-']?\w{1,2}|[A-H]")
_EMOJI_STYLE: Final = "\ufe0f"
_LIST_ITEM = re.compile(r"\s*(?:[-*•·–]|\d{1,3}[.)]|[a-zA-Z][.)]|#{1,6})\s")
_WORDS = re.compile(r"\w+(?:['’-]\w+)*")
_SENTENCE = re.compile(r"[.!?。！？।؟](?:\s|$)")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_SENTENCE_BEFORE = re.compile(r"[^\W\d_]{3,}[.!?…][\"'”’)]?\s+\S")
"""The end of a sentence, and not of an abbreviation, with more after it."""
_HANGING_WITHOUT_SPACES = re.compile(
    "[\\u3400-\\u9fff，、]{4}(因为|因為|由于|由於|以及|并且|並且|而且|但是|例如|比如|如果|虽然|雖然|不仅|不僅|包括|即使|尽管|儘管)$"
)
_OPENS: Final = ",，、،-–—([{<（［｛「『《【〈〔&"
"""Marks that something comes after."""
_HANGING_AT_THE_END = re.compile(r"(?:,| the| an?| and| or)\Z", re.IGNORECASE)


def stops_short(text: str, longest: int | None = None) -> str | None:
    """What is wrong with a short text that a model wrote and did not end, in words for the model; None where it ends.

    Stricter than `unfinished`, since such a text is only asked for again: after a sentence with its mark, the last one needs its own as well.

    Args:
        text: one sentence or a few.
        longest: how many characters it may have, where the schema says so: what is that long and has no end was stopped there.
    """
    text = text.strip()
    ended = not text or not (text[-1].isalnum() or text[-1] in _OPENS)
    if ended or not (
        (longest is not None and len(text) >= longest - 2) or _SENTENCE_BEFORE.search(text) or _HANGING_AT_THE_END.search(text) or unfinished(text)
    ):
        return None
    return f'after "{" ".join(text.split()[-3:])}" the sentence has no end: write something shorter, to its end'


def unfinished(text: str) -> str | None:
    """Why a text seems to stop in the middle; None where it does not."""
    text = text.rstrip()
    if not text or open_fence(text) is not None:
        return None  # nothing there; or UnclosedFenceFilter says it
    last_line = text[text.rfind("\n") + 1 :]
    if last_line.lstrip().startswith(("```", "~~~", "|", ">>>", "$")):
        return None
    words = _WORDS.findall(last_line)
    end = text[-1]
    if (
        end in _OPENS
        and (len(words) >= 2 or (len(last_line) >= 6 and _UNSPACED.search(last_line)))
        and not re.search(r"[-–—]{2,}$|<[^<>]*>$", text[-200:])
    ):
        return f'ends with "{end}"'
    if words and len(words) >= 3 and text.endswith(words[-1]) and words[-1] in _HANGING and _prose(last_line):
        return f'ends with the word "{words[-1]}"'
    if hanging := _HANGING_WITHOUT_SPACES.search(last_line):
        return f'ends with the word "{hanging[1]}"'
    if _HANGING_CLAUSE.search(last_line):
        return f'ends with "{" ".join(words[-2:])}"'
    return _unfinished_prose(text, last_line, words)


def _unfinished_prose(text: str, last_line: str, words: list[str]) -> str | None:
    if text[-1] in _END_MARKS or _ends_without_a_mark(text) or not _prose(last_line) or len(_SENTENCE.findall(text)) < 2:
        return None
    if _UNSPACED.search(text[-1]):
        return "the last sentence has no end" if len(last_line) >= 20 else None
    if len(words) < 6 or _LIST_ITEM.match(last_line):
        return None
    lines = [line for line in text.split("\n") if line.strip()]
    ended = sum(line.rstrip()[-1] in _END_MARKS for line in lines[:-1])
    if len(lines) > 3 and ended < (len(lines) - 1) / 2:
        return None  # verse, headings, or lists: its lines have no full stops
    return "the last sentence has no end"


def _ends_without_a_mark(text: str) -> bool:
    """Whether the last word is a number, an emoji or another sign, a hashtag, an address or the letter of a choice, which stand without a mark."""
    return unicodedata.category(text.rstrip(_EMOJI_STYLE)[-1:] or " ")[0] not in "LM" or _NO_WORD.fullmatch(text.rsplit(None, 1)[-1]) is not None


def _prose(line: str) -> bool:
    """Words rather than code or numbers: most characters are letters and spaces."""
    letters = sum(character.isalpha() or character in " ,'’-" for character in line)
    return letters >= 0.85 * len(line)


def open_fence(text: str) -> int | None:
    """The line in which the code block begins that is never closed, from 1; None where every block is closed."""
    opened: tuple[str, int] | None = None
    """The marks of the block that is open, and where it begins."""
    for match in _FENCE.finditer(text):
        marks, rest = match[1], match[2].strip()
        if opened is None:
            if marks[0] == "`" and "`" in rest:
                continue  # a block in one line, or code in a sentence
            opened = (marks, match.start())
        elif marks[0] == opened[0][0] and len(marks) >= len(opened[0]) and not rest:
            opened = None
    return text.count("\n", 0, opened[1]) + 1 if opened else None
