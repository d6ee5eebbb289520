"""Places in a text: its words, its sentences, its sections, and windows of so many of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

UNSPACED: Final = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts that put no spaces between words: each of their characters counts as a word, with the marks that follow it."""
MARKS: Final = "".join(chr(code) for code in range(0x300, 0x1D00) if unicodedata.category(chr(code)).startswith("M"))
"""Accents, vowel signs and tone marks, which are parts of words though `\\w` leaves them out: "नहीं" is one word."""
_JOINED: Final = rf"(?:[{MARKS}\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]|\u200d[\u2600-\u27bf\U0001f000-\U0001faff]?)*"
"""What stays with the character before it: marks of any script, variants, and the next part of an emoji."""
_WORD = re.compile(rf"[{UNSPACED}]{_JOINED}[、。，．！？：；…」』）】〉》]*|[^\s{UNSPACED}]+")
_END = re.compile(
    r"""(?P<stop>[.!?…]+["'”’»)\]]*)(?=\s)|[。！？｡．।॥؟۔።။]+["'”’」』）)\]]*|\n[ \t]*\n|\n(?=[ \t]*(?:[-*•·–]|\d{1,3}[.)])[ \t])|\n(?=#{1,6}[ \t])"""
)
_ABBREVIATIONS: Final = frozenset(
    "mr mrs ms dr prof st sr jr vs etc e.g i.e cf al fig figs no nos vol pp ed eds inc ltd co corp dept approx est jan feb mar apr jun jul aug sep "
    "sept oct nov dec z.b d.h u.a usw bzw ca nr bspw evtl p.ex sra dra ej núm art".split()
)
_CHARACTER = re.compile(rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|(?s:.)){_JOINED}")
_LAST_WORD = re.compile(r"[\w.]+$")
_NEXT = re.compile(r"\s*(\S)")
_FENCE = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})(.*)")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*")


class Span(NamedTuple):
    """A part of a text, in characters, and how many units it counts as: the words of a sentence, the tokens of a character."""

    start: int
    end: int
    units: int = 1


class Section(NamedTuple):
    """`headings`: those above the text of the section, from the first level down; none before the first heading."""

    start: int
    end: int
    headings: tuple[str, ...]


def words(text: str) -> list[Span]:
    """Maximal runs of what is no space; in scripts without spaces, characters."""
    return [_span(*match.span()) for match in _WORD.finditer(text)]


def characters(text: str) -> list[Span]:
    """Of each character; a mark that combines with the one before it, or joins to it, stays with it."""
    return [Span(*match.span(), match.end() - match.start()) for match in _CHARACTER.finditer(text)]


def sentences(text: str) -> list[Span]:
    """Of a whole text, as `each_sentence` finds them."""
    return list(each_sentence(text, 0, len(text)))


def each_sentence(text: str, first: int, last: int) -> Iterator[Span]:
    """Up to an end mark and the space after it, a blank line, or the beginning of a list item or a heading; an abbreviation, an initial and a number
    in a list end none, nor does what a small letter follows. Those between two places of the text."""
    start = first
    for match in _END.finditer(text, first, last):
        end = match.end()
        if match.lastgroup == "stop" and not _ends(text, start, match.start(), end, last):
            continue
        if (found := _trimmed(text, start, end)) is not None:
            yield found
        start = end
    if (found := _trimmed(text, start, last)) is not None:
        yield found


def _ends(text: str, start: int, mark: int, end: int, last: int) -> bool:
    """Whether the mark (a full stop or the like with its quotes) at [mark, end) ends the sentence that began at `start`."""
    after = text[end + 1 : end + 2] if end + 1 < last else " "  # what follows the mark is a space, and most often one alone
    if after.isspace():
        following = _NEXT.match(text, end, last)
        if following is None:
            return True
        after = following[1]
    if after.islower():
        return False
    if end - mark != 1 or text[mark] != ".":
        return True
    found = _LAST_WORD.search(text, max(start, mark - 12), mark)
    word = found.group().lower() if found else ""
    if not word:
        return True
    initial = len(word) == 1 and word.isalpha() and text[mark - 1].isupper()
    numbered = word.isdigit() and not text[start:mark].strip().removesuffix(word)
    return not (word in _ABBREVIATIONS or initial or numbered)


def trim(text: str, span: Span) -> Span | None:
    """Without the white space at its ends; None where nothing is left."""
    return _trimmed(text, *span)


def _trimmed(text: str, start: int, end: int, units: int = 1) -> Span | None:
    piece = text[start:end]
    inner = piece.strip()
    if not inner:
        return None
    if piece[0] != inner[0]:
        start += len(piece) - len(piece.lstrip())
    return _span(start, start + len(inner), units)


def _span(start: int, end: int, units: int = 1) -> Span:
    """A Span in half the time, for there is one of each word and sentence."""
    return tuple.__new__(Span, (start, end, units))


def windows(units: Sequence[Span], size: int, overlap: int) -> Iterator[Span]:
    """Runs of at most `size` units, each as long as can be. One begins with the last units of the run before, at most `overlap`, and goes on with at
    least one that is new. A span that counts as more than `size` is a run of its own."""
    first = 0
    while first < len(units):
        last, total = first, units[first].units
        while last + 1 < len(units) and total + units[last + 1].units <= size:
            last += 1
            total += units[last].units
        yield Span(units[first].start, units[last].end, total)
        if last + 1 == len(units):
            return
        following, shared = last + 1, 0
        while following - 1 > first and shared + units[following - 1].units <= min(overlap, size - units[last + 1].units):
            following -= 1
            shared += units[following].units
        first = following


def grouped(outer: Iterable[Span], units: Sequence[Span], size: int) -> list[Span]:
    """The outer spans (sentences) with the counts of the units in them; one that counts more than `size` is cut into runs of units."""
    spans: list[Span] = []
    place = 0
    for span in outer:
        first, end = place, span.end
        while place < len(units) and units[place].start < end:
            place += 1
        if place <= first + 1:  # one unit, or none
            spans += units[first:place]
            continue
        inside = units[first:place]
        total = sum(unit.units for unit in inside)
        if total <= size:
            spans.append(Span(inside[0].start, inside[-1].end, total))
        else:
            spans += windows(inside, size, 0)
    if place < len(units):
        spans += windows(units[place:], size, 0)
    return spans


def sections(text: str, deepest: int = 6) -> list[Section]:
    """By the headings of Markdown (# and underlined), up to the level `deepest`; those in code blocks are none."""
    marks = [(at, level, title) for at, level, title in _headings(text) if level <= deepest]
    starts = [0, *(at for at, _, _ in marks)]
    ends = [*starts[1:], len(text)]
    open_headings: list[tuple[int, str]] = []
    found = [Section(0, ends[0], ())]
    for (at, level, title), end in zip(marks, ends[1:], strict=True):
        open_headings = [*(one for one in open_headings if one[0] < level), (level, title)]
        found.append(Section(at, end, tuple(name for _, name in open_headings)))
    return [section for section in found if text[section.start : section.end].strip()]


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """(place, level, title)"""
    fence = ""
    before: tuple[int, str] | None = None
    """The line before, where it may be the title above an underline."""
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        marks = _FENCE.fullmatch(bare)
        if fence:
            if marks and marks[1].startswith(fence) and not marks[2].strip():
                fence = ""
            before = None
        elif marks and not (marks[1][0] == "`" and "`" in marks[2]):
            fence, before = marks[1], None
        elif heading := _ATX.fullmatch(bare):
            yield at, len(heading[1]), (heading[2] or "").strip()
            before = None
        elif before is not None and (underline := _SETEXT.fullmatch(bare)):
            yield before[0], 1 if underline[1][0] == "=" else 2, before[1].strip()
            before = None
        elif bare.strip() and before is None and not re.match(r"\s*(?:[-*+>|]|\d+[.)])", bare):
            before = (at, bare)
        else:
            before = None
        at += len(line)
