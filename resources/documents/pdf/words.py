"""Lines put together to text: divided words become whole, East Asian lines join without a space, signs for several letters become letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

_LIGATURES: Final = re.compile("[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc]+")
_DIVIDED: Final = re.compile(r"([^\W\d_]{2,})[-\u2010\u00ad]$")
_NEXT_PART: Final = re.compile(r"([^\W\d_]+)")
_WITHOUT_SPACES: Final = re.compile(r"[\u2e80-\u312f\u31c0-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")
"""Chinese and Japanese; Korean has spaces."""
_LETTER: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def whole_letters(text: str) -> str:
    """The same with "fi" for its ligature, and Arabic letters for their forms."""
    return _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def joined(lines: Sequence[str], words: Collection[str] = ()) -> str:
    """One text of lines.

    Args:
        words: those of the document, in lower case: they tell whether a divided word has a hyphen of its own.
    """
    made = ""
    for line in lines:
        line = line.strip()
        if not line:
            continue
        if not made:
            made = line
        elif (divided := _DIVIDED.search(made[-80:])) and (following := _NEXT_PART.match(line)):
            made = (made[:-1] if _is_one_word(divided[1], following[1], words) else made) + line
        elif _WITHOUT_SPACES.match(made[-1]) and _WITHOUT_SPACES.match(line[0]):
            made += line
        else:
            made += f" {line}"
    return made


def _is_one_word(first: str, second: str, words: Collection[str]) -> bool:
    """Whether the hyphen only divides. A word with it that stands elsewhere decides, then one without it; else small letters go together."""
    if second[0].isupper() and not first.isupper():
        return False
    if f"{first}-{second}".lower() in words:
        return f"{first}{second}".lower() in words
    return True


def words_of(texts: Sequence[str]) -> set[str]:
    """The words that stand on a line as a whole, in lower case."""
    return {found.lower() for text in texts for found in _LETTER.findall(text)}
