"""ftfy, asked only about the lines that it could change: the same result in a fraction of the time.

ftfy repairs each line on its own, and leaves a line alone that is NFC, has none of the characters that it replaces or removes, and in which its own
heuristic sees nothing decoded wrongly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

MOST_ROUNDS: Final = 8
"""Text broken several times over needs several rounds of repair; hardly any needs more than three."""

_NOT_PLAIN = re.compile(r"[^\t\n\x20-\x7e]")
_ODD_START = re.compile("^[\u00c2\u00c3]", re.MULTILINE)
"""Letters that are a sign of wrong decoding at the start of a line alone."""


def repair_lines(text: str, settings: TextFixerConfig) -> str:
    """What `repair` makes of the text, for settings that decode no entities and leave quotes and full-width characters alone."""
    if settings.unescape_html or settings.uncurl_quotes or settings.fix_character_width:
        raise ValueError("entities, quotes and full-width characters are not looked for line by line: use repair")
    if settings.fix_line_breaks and "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # as ftfy does, line by line; no character that it mends has a part of one
    is_normal = settings.normalization is None or unicodedata.is_normalized(settings.normalization, text)
    lines = list(_lines_with(_signs() if is_normal else _NOT_PLAIN, text))
    together = "".join(text[start:end] for start, end in lines)
    if not (_may_change(together, settings) or _ODD_START.search(together)):
        return text
    parts, done = [], 0
    for start, end in lines:
        line = text[start:end]
        if _may_change(line, settings):
            parts += [text[done:start], _repair_line(line, settings)]
            done = end
    return "".join([*parts, text[done:]]) if parts else text


def repair(text: str, settings: TextFixerConfig) -> str:
    """The text after so many rounds of ftfy that another changes nothing."""
    import ftfy

    for _ in range(MOST_ROUNDS):
        fixed = ftfy.fix_text(text, settings)
        if fixed == text:
            break
        text = fixed
    return text


def _lines_with(sign: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where the lines start and end, with their line feed, in which there is a sign."""
    end = 0
    while found := sign.search(text, end):
        start = text.rfind("\n", end, found.start()) + 1 or end
        end = text.find("\n", found.end()) + 1 or len(text)
        yield start, end


def _repair_line(line: str, settings: TextFixerConfig) -> str:
    """Decoding a line again is most often all that it needs: then no other step of ftfy, nor another round, would find anything to do."""
    import ftfy

    if settings.fix_encoding and len(line) <= settings.max_decode_length:
        decoded = ftfy.fix_encoding(line, settings)
        if "\n" not in decoded[:-1] and not _changes_but_for_encoding(decoded, settings):
            return decoded
    for _ in range(MOST_ROUNDS):
        fixed = ftfy.fix_text(line, settings)
        if fixed == line or not ("\n" in fixed[:-1] or _may_change(fixed, settings)):
            return fixed
        line = fixed
    return line


def _may_change(line: str, settings: TextFixerConfig) -> bool:
    from ftfy.badness import is_bad

    return _changes_but_for_encoding(line, settings) or is_bad(line)


def _changes_but_for_encoding(line: str, settings: TextFixerConfig) -> bool:
    """Whether a step of ftfy that looks at single characters has something to do, or the line is too long for it."""
    return (
        len(line) > settings.max_decode_length
        or _replaced_characters().search(line) is not None
        or (settings.normalization is not None and not unicodedata.is_normalized(settings.normalization, line))
    )


@cache
def _signs() -> re.Pattern[str]:
    """What every line has that ftfy changes for more than its normalization: a character that it replaces, or what is in each pattern of its
    heuristic, two of the characters that the heuristic knows side by side or one of four letters that are odd beside a space or a mark.
    """
    from ftfy.badness import MOJIBAKE_CATEGORIES

    known, replaced = "".join(MOJIBAKE_CATEGORIES.values()), _replaced()
    return re.compile(f"[{known}{replaced}](?:(?<=[ŒœÂÃ{replaced}])|[{known}])")


@cache
def _replaced_characters() -> re.Pattern[str]:
    return re.compile(f"[{_replaced()}]")


def _replaced() -> str:
    """What ftfy removes or replaces wherever it stands: control characters, terminal escapes, ligatures, line breaks, halves of surrogate pairs."""
    from ftfy.chardata import CONTROL_CHARS, LIGATURES

    characters = {*CONTROL_CHARS, *LIGATURES, ord("\x1b"), ord("\r"), 0x2028, 0x2029, *range(0x80, 0xA0), *range(0xD800, 0xE000)}
    return re.escape("".join(map(chr, sorted(characters))))
