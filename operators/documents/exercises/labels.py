"""Numbers and letters of exercises and chapters, as they are compared: "Exercise 1.2.", "1.2)" and "第1.2题" are one."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DIGITS: Final = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_CHINESE: Final = re.compile(f"[{''.join(_DIGITS)}{''.join(_UNITS)}]+")
_TOKEN: Final = re.compile(r"\d+(?:[.\-]\d+)*|(?<![^\W\d_])(?:[ivxlcdm]+|[^\W\d_])(?![^\W\d_])", re.ASCII)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")
_ROMAN_CHAPTER: Final = re.compile(r"\b(?:chapter|part|kapitel|teil|chapitre|partie|capítulo)\s+([ivxlcdm]+)\b")


def label_key(label: str) -> str:
    """What a label is compared by: its numbers, roman numerals and single letters, joined by points; the whole text where it has none.

    >>> [label_key(text) for text in ("Exercise 1.2.", "3 (b)", "IV.", "第十二题", "0", "Warm-up")]
    ['1.2', '3.b', 'iv', '12', '0', 'warm-up']
    """
    text = _plain(label)
    tokens = _TOKEN.findall(_CHINESE.sub(lambda match: str(_chinese(match[0])), text))
    return ".".join(token.replace("-", ".") for token in tokens) or text


def chapter_key(title: str) -> str:
    """What a chapter is compared by: its number where it has one, else its title; empty where there is none.

    >>> [chapter_key(text) for text in ("Chapter 3: Sums", "3 Sums", "第三章 和", "Chapter IV", "Vectors ", "")]
    ['3', '3', '3', 'iv', 'vectors', '']
    """
    text = _plain(title)
    if roman := _ROMAN_CHAPTER.search(text):
        return roman[1]
    text = re.sub(f"第({_CHINESE.pattern})", lambda match: str(_chinese(match[1])), text)
    number = _NUMBER.search(text)
    return number[0] if number else text


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .:;,)(")


def _chinese(text: str) -> int:
    total = digit = 0
    for character in text:
        if character in _UNITS:
            total += max(digit, 1) * _UNITS[character]
            digit = 0
        else:
            digit = digit * 10 + _DIGITS[character]
    return total + digit
