"""Names of entities, as they are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from operators.bases.quotes import find_quote
from operators.bases.words import words

_ARTICLES: Final = frozenset("the a an der die das le la les l el los las".split())
_FORMS: Final = frozenset("inc ltd llc corp corporation co company gmbh ag plc sa limited incorporated mr mrs ms dr prof sir".split())
_SHORT: Final = re.compile(r"(?P<long>[^()]{4,200}?)\s*[(（](?P<short>[A-Z][A-Za-z.&-]{1,9})[)）]")


def plain_name(name: str) -> str:
    """A name without what does not change whom it means: case, articles, titles, legal forms, punctuation, the ending of a possessive.

    >>> plain_name("The Acme Corp."), plain_name("acme"), plain_name("Dr. Ada Lovelace's")
    ('acme', 'acme', 'ada lovelace')
    """
    said = [word.removesuffix("'s").replace("’s", "") for word in words(name.casefold().replace("_", " _ ").replace("’", "'"))]
    told = [word for word in said if word not in _ARTICLES and word not in _FORMS]
    return " ".join(told or said)


def names_in(name: str, text: str) -> bool:
    """Whether a text has the name, in any case, as whole words.

    >>> names_in("Radium", "Who found radium?"), names_in("radium", "radiums")
    (True, False)
    """
    return find_quote(name.casefold(), text.casefold()) is not None


def initials(name: str) -> str:
    """The first letters of a name of several words: "World Health Organization" has "who"; "" for one word."""
    parts = [word for word in plain_name(name).split() if word not in ("of", "and", "for", "de", "und")]
    return "".join(word[0] for word in parts) if len(parts) > 1 else ""


def short_forms(texts: Iterable[str]) -> dict[str, str]:
    """Short form -> long form, where a text explains one in brackets: "World Health Organization (WHO)".

    >>> short_forms(["The World Health Organization (WHO) said so. WHO is in Geneva."])
    {'who': 'world health organization'}
    """
    found: dict[str, str] = {}
    for text in texts:
        for match in _SHORT.finditer(text):
            short = plain_name(match["short"])
            tail = match["long"].split()[-2 * len(short) :]
            for start in reversed(range(len(tail))):
                if initials(" ".join(tail[start:])) == short:
                    found.setdefault(short, plain_name(" ".join(tail[start:])))
                    break
    return found
