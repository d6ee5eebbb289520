"""Texts as they are compared: one case, one kind of quotation mark and space."""

from __future__ import annotations

import re
import unicodedata

_MARKS = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " ", "\u2011": "-"}
)
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"\w+(?:'\w+)?")


def plain(text: str) -> str:
    """Lower case, straight quotation marks, single spaces: "I’m  Sorry" is "i'm sorry"."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).translate(_MARKS)).strip().casefold()


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared, without punctuation."""
    return _WORD.findall(plain(text))
