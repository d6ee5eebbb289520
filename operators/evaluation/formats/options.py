"""Options of a question as files write them, and which of them are right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MARKED: Final = re.compile(r"^\s*(?:\(\s*([A-Z])\s*\)|([A-Z])\s*[).:：、．])\s*(?=\S)")
_IN_ONE_TEXT: Final = re.compile(r"\(([A-Z])\)\s*")
_BETWEEN: Final = re.compile(r"[\s,;/&+、，和]+|\band\b")


def option_name(place: int) -> str:
    """What an option is called: its letter, and behind Z its number, counted from 1."""
    return LETTERS[place] if place < len(LETTERS) else str(place + 1)


def without_letters(options: Sequence[Any]) -> tuple[str, ...]:
    """Options without their letters, where each has its own in order: "(A) rain" -> "rain".

    >>> without_letters(["A)600, 400", "B) 628"]), without_letters(["A. Lincoln", "rain"])
    (('600, 400', '628'), ('A. Lincoln', 'rain'))
    """
    said = [str(option) for option in options]
    marks = [_MARKED.match(option) for option in said]
    in_order = all(mark is not None and (mark[1] or mark[2]) == LETTERS[place] for place, mark in enumerate(marks) if place < len(LETTERS))
    if not said or not in_order or len(said) > len(LETTERS):
        return tuple(said)
    return tuple(option[mark.end() :] for option, mark in zip(said, marks, strict=True) if mark is not None)


def parted(options: str) -> tuple[str, ...]:
    """Options that stand in one text: "(A) rain (B) snow".

    Raises:
        ValueError: they are not lettered in order.
    """
    pieces = _IN_ONE_TEXT.split(options)
    letters, contents = pieces[1::2], pieces[2::2]
    if not letters or "".join(letters) != LETTERS[: len(letters)]:
        raise ValueError(f"its options are not lettered (A), (B), ... in order: {options[:80]!r}")
    return tuple(content.strip() for content in contents)


def right_places(label: Any, count: int, first: int, names: Sequence[str] = ()) -> tuple[int, ...]:
    """The places, counted from 0, of the options that a label calls right.

    Args:
        label: a letter or several ("ACD", "B C D"), a number, a list of either, or the name of an option.
        count: how many options there are.
        first: the number that the first option is called by, where options are called by numbers.
        names: what the file calls its options, where it says so: ("1", "2", "3").

    Raises:
        ValueError: it names no option, or one that there is not.

    >>> right_places("ACD", 4, 0), right_places(1, 4, first=0), right_places(1, 4, first=1), right_places("2", 3, 0, ("1", "2", "3"))
    ((0, 2, 3), (1,), (0,), (1,))
    """
    if isinstance(label, list | tuple):
        found = [place for one in label for place in right_places(one, count, first, names)]
        if len(set(found)) < len(found):
            raise ValueError(f"its labels {label!r} name an option twice: the places of the right ones are wanted, not a mark for each option")
        places = set(found)
    elif isinstance(label, bool) or label is None or label == "":
        raise ValueError("it does not say which option is right")
    elif isinstance(label, float) and not label.is_integer():
        raise ValueError(f"its label {label} is no option")
    elif isinstance(label, int | float):
        places = {int(label) - first}
    elif label.strip() in names:
        places = {list(names).index(label.strip())}
    elif label.strip().lstrip("-").isdecimal():
        places = {int(label) - first}
    else:
        places = set(_letters(label))
    outside = [place for place in places if not 0 <= place < count]
    if outside or not places:
        numbered = f", counted from {first}" if isinstance(label, int | float) else ""
        raise ValueError(f"its label {label!r} is none of its {count} options{numbered}")
    return tuple(sorted(places))


def _letters(label: str) -> list[int]:
    tokens = [token.strip("()[].") for token in _BETWEEN.split(label.strip()) if token]
    joined = "".join(tokens)
    if not joined or len(set(joined)) != len(joined) or not all(letter in LETTERS for letter in joined):
        raise ValueError(f"its label {label[:40]!r} is no letter of an option")
    return [LETTERS.index(letter) for letter in joined]
