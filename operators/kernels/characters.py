"""What the kernels know of a character: one row of bits per Unicode code point, taken from `unicodedata` when first used (70 ms, once a process)."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

TABLE_SIZE: Final = 0x20000
"""Code points above are ideographs (up to 0x3FFFF), tags or private use; the kernels know these without a table."""

SPACE: Final = 1 << 0
LINE_BREAK: Final = 1 << 1
"""Ends a line for `str.splitlines`."""
LETTER: Final = 1 << 2
DIGIT: Final = 1 << 3
MARK: Final = 1 << 4
UPPER: Final = 1 << 5
LOWER: Final = 1 << 6
TERMINAL: Final = 1 << 7
"""Ends a sentence in some script (Unicode Sentence_Terminal, and three Khmer signs)."""
PAUSE: Final = 1 << 8
"""Commas, colons, dashes, separators: what a reader breathes at, short of the end of a sentence."""
CLOSER: Final = 1 << 9
"""Quotes and brackets that may follow the end of a sentence."""
BULLET: Final = 1 << 10
ODD: Final = 1 << 11
"""Traces of broken text: U+FFFD, controls, private use, noncharacters, a byte order mark inside text, hidden direction overrides, the empty
square."""

SCRIPT_SHIFT: Final = 12
"""Three bits: 0 for scripts that put spaces between words, else which of the scripts without spaces."""
HAN: Final = 1
HAN_FUNCTION: Final = 2
"""Han characters that are most often words of their own (particles, pronouns, prepositions)."""
HIRAGANA: Final = 3
KATAKANA: Final = 4
SOUTH_EAST_ASIAN: Final = 5
"""Thai, Lao, Khmer, Myanmar, Tibetan, Javanese, Tai scripts."""

WORD_LETTERS: Final = (0, 2, 1, 3, 8, 4, 0, 0)
"""After how many letters a word ends, by script: near the mean length of a word there. Marks on a letter do not count."""

_HAN_FUNCTION_CHARACTERS = "的了是在和有不我他她你也就都而与與及或被把从從对對但很吗嗎呢吧这這那之其以于於为為会會能可"
_PAUSES = ",;:|/·•–—―、，；：؛،‥⁄‚„･・︐︑︓︔﹐﹑﹔﹕､¦՝፣፤፥፦߸᠂᠈꓾꘍꛵꛶…"
_CLOSERS = ")]}\"'”’»›」』）】》〉〕］｝＂＇`*_"
_BULLETS = "•‣▶◀◦■□▪▫●○◆◇➢➤➔❖✓✔✗►▸∙⁃⁌⁍"
_ODD = "\ufffd\ufffc\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u25a1\ufff9\ufffa\ufffb"

SCRIPT_RANGES: Final = (
    (HAN, ((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3100, 0x312F), (0x31A0, 0x31BF))),
    (HAN, ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x17000, 0x18D0F), (0x1B170, 0x1B2FF))),
    (HIRAGANA, ((0x3041, 0x309F), (0x1B100, 0x1B11F), (0x1B150, 0x1B152))),
    (KATAKANA, ((0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F), (0x1B000, 0x1B000), (0x1B164, 0x1B167))),
    (SOUTH_EAST_ASIAN, ((0x0E00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19FF), (0x1A20, 0x1AAF))),
    (SOUTH_EAST_ASIAN, ((0x1B00, 0x1B7F), (0xA980, 0xA9FF), (0xAA60, 0xAADF))),
)

_TERMINAL_RANGES: Final = (
    *((0x21, 0x21), (0x2E, 0x2E), (0x3F, 0x3F), (0x589, 0x589), (0x61D, 0x61F), (0x6D4, 0x6D4), (0x700, 0x702), (0x7F9, 0x7F9), (0x837, 0x837)),
    *((0x839, 0x839), (0x83D, 0x83E), (0x964, 0x965), (0x104A, 0x104B), (0x1362, 0x1362), (0x1367, 0x1368), (0x166E, 0x166E), (0x1735, 0x1736)),
    *((0x17D4, 0x17D6), (0x17D9, 0x17DA), (0x1803, 0x1803), (0x1809, 0x1809), (0x1944, 0x1945), (0x1AA8, 0x1AAB), (0x1B4E, 0x1B4F)),
    *((0x1B5A, 0x1B5B), (0x1B5E, 0x1B5F), (0x1B7D, 0x1B7F), (0x1C3B, 0x1C3C), (0x1C7E, 0x1C7F), (0x203C, 0x203D), (0x2047, 0x2049)),
    *((0x2CF9, 0x2CFB), (0x2E2E, 0x2E2E), (0x2E3C, 0x2E3C), (0x2E53, 0x2E54), (0x2E60, 0x2E61), (0x3002, 0x3002), (0xA4FF, 0xA4FF)),
    *((0xA60E, 0xA60F), (0xA6F3, 0xA6F3), (0xA6F7, 0xA6F7), (0xA876, 0xA877), (0xA8CE, 0xA8CF), (0xA92F, 0xA92F), (0xA9C8, 0xA9C9)),
    *((0xAA5D, 0xAA5F), (0xAAF0, 0xAAF1), (0xABEB, 0xABEB), (0xFE12, 0xFE12), (0xFE15, 0xFE16), (0xFE52, 0xFE52), (0xFE56, 0xFE57)),
    *((0xFF01, 0xFF01), (0xFF0E, 0xFF0E), (0xFF1F, 0xFF1F), (0xFF61, 0xFF61), (0x10A56, 0x10A57), (0x10F55, 0x10F59), (0x10F86, 0x10F89)),
    *((0x11047, 0x11048), (0x110BE, 0x110C1), (0x11141, 0x11143), (0x111C5, 0x111C6), (0x111CD, 0x111CD), (0x111DE, 0x111DF)),
    *((0x11238, 0x11239), (0x1123B, 0x1123C), (0x112A9, 0x112A9), (0x113D4, 0x113D5), (0x1144B, 0x1144C), (0x115C2, 0x115C3)),
    *((0x115C9, 0x115D7), (0x11641, 0x11642), (0x1173C, 0x1173E), (0x11944, 0x11944), (0x11946, 0x11946), (0x11A42, 0x11A43)),
    *((0x11A9B, 0x11A9C), (0x11C41, 0x11C42), (0x11EF7, 0x11EF8), (0x11F43, 0x11F44), (0x16A6E, 0x16A6F), (0x16AF5, 0x16AF5)),
    *((0x16B37, 0x16B38), (0x16B44, 0x16B44), (0x16D6E, 0x16D6F), (0x16E98, 0x16E98), (0x1BC9F, 0x1BC9F), (0x1DA88, 0x1DA88)),
)

_GEORGIAN: Final = (0x10D0, 0x10FF)
"""Letters that have capitals, which no sentence begins with: they count as caseless."""

_UNIFORM_LETTERS: Final = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x17000, 0x187F7))
"""Large blocks of caseless letters, filled without asking for each."""


class CharacterTables(NamedTuple):
    """`flags`: uint16 bits by code point. `lower`: uint32, the lower-case code point (itself where that is not one code point)."""

    flags: np.ndarray[Any, np.dtype[np.uint16]]
    lower: np.ndarray[Any, np.dtype[np.uint32]]


@cache
def character_tables() -> CharacterTables:
    """The tables, built once a process."""
    flags = np.zeros(TABLE_SIZE, np.uint16)
    lower = np.arange(TABLE_SIZE, dtype=np.uint32)
    uniform = np.zeros(TABLE_SIZE, bool)
    for first, last in _UNIFORM_LETTERS:
        flags[first : last + 1] = LETTER
        uniform[first : last + 1] = True
    uniform[0xD800:0xF900] = True
    flags[0xE000:0xF900] = ODD
    for code in np.flatnonzero(~uniform).tolist():
        character = chr(code)
        flags[code] = _flags_of(character, code)
        lowered = character.lower()
        if lowered != character and len(lowered) == 1:
            lower[code] = ord(lowered)
    for first, last in _TERMINAL_RANGES:
        flags[first : last + 1] |= TERMINAL
    for script, ranges in SCRIPT_RANGES:
        for first, last in ranges:
            flags[first : last + 1] |= script << SCRIPT_SHIFT
    for characters, bit in ((_PAUSES, PAUSE), (_CLOSERS, CLOSER), (_BULLETS, BULLET), (_ODD, ODD)):
        flags[[ord(character) for character in characters]] |= bit
    for character in _HAN_FUNCTION_CHARACTERS:
        flags[ord(character)] = LETTER | (HAN_FUNCTION << SCRIPT_SHIFT)
    return CharacterTables(flags, lower)


def _flags_of(character: str, code: int) -> int:
    category = unicodedata.category(character)
    flags = 0
    if character.isspace():
        flags |= SPACE
        if len(f"a{character}a".splitlines()) == 2:
            flags |= LINE_BREAK
    elif category in ("Cc", "Co") or (category == "Cn" and _is_noncharacter(code)):
        flags |= ODD
    if character.isalpha():
        flags |= LETTER
    if category[0] == "N":
        flags |= DIGIT
    if category[0] == "M":
        flags |= MARK
    if character.isupper():
        flags |= UPPER
    elif character.islower() and not _GEORGIAN[0] <= code <= _GEORGIAN[1]:
        flags |= LOWER
    return flags


def _is_noncharacter(code: int) -> bool:
    return 0xFDD0 <= code <= 0xFDEF or (code & 0xFFFE) == 0xFFFE
