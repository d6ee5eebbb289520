"""Signs that a text has something in it to clean: each is seen without a model."""

from __future__ import annotations

import re
from typing import Final

_SIGNS: Final = {
    "tags": r"</?(?:p|div|span|br|a|b|i|em|strong|img|table|t[rdh]|ul|ol|li|h[1-6]|font|center|sup|sub|script|style)\b[^<>]{0,500}>|<!--",
    "entities": r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});",
    "pictures": r"!\[[^\[\]\n]{0,300}\]\(",
    "words divided at the end of a line": r"[a-zß-ÿ]-\n[ \t]{0,20}[a-zß-ÿ]",
    "characters decoded wrongly": "\ufffd|Ã[\u0080-\u00bf]|â€[\u0080-\u00ff™œ]",
    "runs of marks": r"([-=_*.~#])\1{9}|[!?]{4}",
    "spaces in a row": r"\S {4,200}\S",
    "buttons": r"(?im)^[ \t]{0,20}(?:skip to (?:main )?content|edit on github|read more|log ?in|sign (?:up|in)|share this|back to top)[ \t]{0,20}$",
}
_COMPILED: Final = {name: re.compile(pattern) for name, pattern in _SIGNS.items()}
_SHORT_LINE: Final = 3


def signs_of_noise(text: str) -> list[str]:
    """The names of the signs in a text; none where it reads like prose already.

    >>> signs_of_noise("It is exam-\\nined <br> here &amp; there.")
    ['tags', 'entities', 'words divided at the end of a line']
    >>> signs_of_noise("It is examined here and there.")
    []
    """
    found = [name for name, pattern in _COMPILED.items() if pattern.search(text)]
    return [*found, "broken lines"] if _has_broken_lines(text) else found


def _has_broken_lines(text: str) -> bool:
    """Whether many lines are a word or two: a menu, or columns that were read across."""
    lines = [line for line in text.splitlines() if line.strip()]
    short = sum(1 for line in lines if len(line.split()) < _SHORT_LINE and line.isascii())
    return len(lines) > 5 and short > len(lines) / 2
