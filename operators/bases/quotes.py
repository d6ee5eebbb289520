"""Verified quotes: whether what a model quotes really stands in its source, and where.

To the letter, after what typesetting and copying change: Unicode form, white space, the shape of quotation marks, apostrophes and dashes, ligatures,
soft hyphens and full-width letters. Case, digits and every other mark count. Time and memory are linear in the two texts.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator
from typing import Final, NamedTuple

_SINGLE, _DOUBLE, _DASHES = "‘’‚‛′`´ʼ‹›", "“”„‟″«»「」『』〝〞", "‐‑‒–—―−"
_GONE: Final = "\0\u00ad\u200b\u200c\u200d\u2060\ufeff"
_FULL_WIDTH: Final = [chr(code) for code in range(0xFF01, 0xFFEF) if unicodedata.decomposition(chr(code)).startswith(("<wide>", "<narrow>"))]
_SAME: Final = {
    **{ord(character): unicodedata.normalize("NFKC", character) for character in (*_FULL_WIDTH, *"ﬀﬁﬂﬃﬄﬅﬆ…")},
    **dict.fromkeys(map(ord, _SINGLE), "'"),
    **dict.fromkeys(map(ord, _DOUBLE), '"'),
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _GONE), ""),
}
_PIECE: Final = re.compile(r"(?P<plain>[A-Za-z0-9]+(?![^\x00-\x7f]))|.", re.DOTALL)
_MOST_MARKS: Final = 30
"""Combining marks on one letter, as in the stream-safe text format of Unicode (UAX #15): to put a longer run in order takes quadratic time."""
_EDGE: Final = "\0"
"""Stands wherever a word or number begins or ends in the texts that are compared, so that "art" is not found inside "party", nor "500" in "1,500"."""
_IN_NUMBERS: Final = frozenset(".,'/:")
_WITHOUT_SPACES: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Letters of scripts that put no spaces between words: any of them may begin or end a quote."""


class Span(NamedTuple):
    """Characters `start` to `end` (not included) of the source: `source[start:end]` is the quote as it stands there."""

    start: int
    end: int


class Source:
    """A text that is quoted from: read once, searched as often as there are quotes.

    >>> source = Source("The moon “rises\\nlate” — about 9.")
    >>> source.find("rises late\\" - about")
    Span(start=10, end=29)
    >>> source.find("rises lat") is None
    True
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._compared = _Compared(text)

    def find(self, quote: str) -> Span | None:
        """Where the quote stands first. None where it does not stand at all, or has no letter or digit.

        Quotation marks around the whole quote need not be in the source.
        """
        wanted = _Compared(quote.strip()).text
        if not any(map(str.isalnum, wanted)):
            return None
        for candidate in dict.fromkeys((wanted, wanted.strip("\"' "))):
            place = self._compared.text.find(candidate)
            if place >= 0:
                return self._compared.span(place, place + len(candidate))
        return None


def find_quote(quote: str, source: str) -> Span | None:
    """Where one quote stands in a source; for several quotes of one source, `Source` reads it once.

    >>> find_quote("ﬁve ﬁngers", "She has five\\tfingers.")
    Span(start=8, end=20)
    """
    return Source(source).find(quote)


class _Compared:
    """A text as it is compared, and for each of its characters where that begins and ends in the original."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[str] = []
        self._starts, self._ends = array("q"), array("q")
        self._in_word = self._after_space = False
        for start, end in _pieces(text):
            self._add(text[start:end], start, end)
        self._go(False, len(text))
        self.text = "".join(self._parts)
        del self._text, self._parts

    def span(self, start: int, end: int) -> Span:
        """The place in the original of characters that are compared; edges of words take no room there."""
        while self.text[start] == _EDGE:
            start += 1
        while self.text[end - 1] == _EDGE:
            end -= 1
        return Span(self._starts[start], self._ends[end - 1])

    def _add(self, piece: str, start: int, end: int) -> None:
        if piece.isascii() and piece.isalnum():
            self._go(True, start)
            self._put(piece, range(start, end), range(start + 1, end + 1))
            return
        said = unicodedata.normalize("NFC", piece.translate(_SAME))
        if said.isspace():
            if self._after_space:
                self._ends[-1] = end
                return
            said = " "
        if said:
            self._go((said[0].isalnum() and not _WITHOUT_SPACES.match(said)) or self._is_of_number(said, start, end), start)
            self._put(said, [start] * len(said), [end] * len(said))

    def _is_of_number(self, said: str, start: int, end: int) -> bool:
        """Whether it is a mark between two digits, or the sign of the number that follows."""
        if not self._text[end : end + 1].isdigit():
            return False
        before = self._text[start - 1 : start] if start else " "
        return (said in _IN_NUMBERS and before.isdigit()) or (said == "-" and not before.isalnum() and before not in ")]%")

    def _go(self, word: bool, place: int) -> None:
        """Into a word or out of it: where that is a change, an edge is put."""
        if word != self._in_word:
            self._put(_EDGE, [place], [place])
            self._in_word = word

    def _put(self, said: str, starts: range | list[int], ends: range | list[int]) -> None:
        self._parts.append(said)
        self._starts.extend(starts)
        self._ends.extend(ends)
        self._after_space = said == " "


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Runs of ASCII letters and digits, and each other character with the marks that follow it."""
    letter: tuple[int, int] | None = None
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        if letter is not None:
            begun, _ = letter
            if end - start == 1 and _joins(text[start]) and start - begun <= _MOST_MARKS and not text[begun].isspace():
                letter = (begun, end)
                continue
            yield letter
        letter = None if piece.lastgroup else (start, end)
        if letter is None:
            yield start, end
    if letter is not None:
        yield letter


def _joins(character: str) -> bool:
    """Whether it is part of the letter before it: a combining mark, or a vowel or final of a Korean syllable written in pieces."""
    return character > "\x7f" and (unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff")
