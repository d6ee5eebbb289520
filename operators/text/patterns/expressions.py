"""Regular expressions in the syntax of RE2, as Arrow runs them.

The time to find a match grows with the length of the text and no faster, whatever the pattern. To replace every match can still take the square of
it: "a.*b|a" looks to the end of the text for each "a". So long texts are given to a process that is ended when it takes too long.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from operators.engine.processes import AnsweringProcess, Message

SHORT: Final = 4000
"""Bytes of a text up to which the square of its length takes no tenth of a second."""


_EDGE_OF_OTHER_LETTERS: Final = re.compile(
    r"(?<!\\)(?:\\\\)*\\b(?:[(\[]*(?:\?[a-zA-Z]*:)?|\((?:\?[a-zA-Z]*:)?[^()]*\|)(?P<first>[^\W\x00-\x7f])"
    r"|(?P<last>[^\W\x00-\x7f])(?:[)\]]*|\|[^()]*\))[?*+]?\\b"
)
"""\\b beside a letter that RE2 takes for none."""


class TookTooLong(ValueError):
    """A replacement was given up."""


def pattern_fault(pattern: str) -> str | None:
    """What is wrong with a pattern; None where it is understood."""
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        why = str(error).removeprefix("Invalid regular expression: ")
        hint = "; RE2 has no look-around and no back-references, which is why it never hangs" if "perl operator" in why or "\\" in why else ""
        return f"the pattern {pattern!r} is not understood: {why}{hint}"
    if beside := _EDGE_OF_OTHER_LETTERS.search(pattern):
        letter = beside["first"] or beside["last"]
        edge = f'RE2\'s \\b knows letters of ASCII alone, and not "{letter}"'
        return f"the pattern {pattern!r} would miss what it means: {edge}. Write (^|\\PL) before, (\\PL|$) after"
    return None


def replacement_fault(pattern: str, replacement: str) -> str | None:
    """What is wrong with a replacement for a pattern that is understood."""
    try:
        pc.replace_substring_regex(pa.array([""]), f"(?:{pattern})|", replacement)
    except pa.ArrowInvalid as error:
        return f"the replacement {replacement!r} does not fit {pattern!r}: {error}. Groups are \\1 to \\9, the whole match is \\0"
    return None


def replace_within(texts: pa.Array, pattern: str, replacement: str, seconds: float) -> pa.Array:
    """Every match replaced. A text that takes longer than `seconds` raises, where it is alone; several are tried again one by one by the caller.

    Raises:
        TookTooLong: the texts took longer.
    """
    lengths = pc.binary_length(texts)
    long = pc.greater(lengths, SHORT)
    if not pc.any(long).as_py():
        return pc.replace_substring_regex(texts, pattern, replacement)
    made = pc.replace_substring_regex(texts.filter(pc.invert(long)), pattern, replacement)
    slow = texts.filter(pc.and_(long, pc.match_substring_regex(texts, pattern)))
    replaced = iter(_in_process(slow.to_pylist(), pattern, replacement, seconds))
    short = iter(made.to_pylist())
    matches = pc.match_substring_regex(texts, pattern).to_pylist()
    values = [
        next(short) if not is_long else next(replaced) if found else text
        for text, is_long, found in zip(texts.to_pylist(), long.to_pylist(), matches, strict=True)
    ]
    return pa.array(values, texts.type)


def _in_process(texts: Sequence[str], pattern: str, replacement: str, seconds: float) -> list[str]:
    if not texts:
        return []
    answer = _REPLACING.ask({"texts": list(texts), "pattern": pattern, "replacement": replacement}, seconds)
    if answer is None:
        raise TookTooLong(f"the replacement of {pattern!r} took longer than {seconds:g} seconds, and was given up")
    return list(answer["texts"])


class _Replacing:
    """The process that replaces in long texts, started when it is first asked, and again after it was ended."""

    def __init__(self) -> None:
        self._process: AnsweringProcess | None = None
        self._asking = threading.Lock()

    def ask(self, message: Message, seconds: float) -> Message | None:
        """The answer; None where it took longer. To start the process takes no part of the time."""
        with self._asking:
            if self._process is None:
                self._process = AnsweringProcess("operators.text.patterns.replacing")
                self._process.ask(_line({**message, "texts": []}))
            answer = self._process.ask(_line(message), seconds)
            if answer is None:
                self._process = None
            return answer


def _line(message: Message) -> bytes:
    return json.dumps(message).encode() + b"\n"


_REPLACING: Final = _Replacing()
