"""What an error of a server means for the row and for the run: meanings.yaml, which has a table for each provider.

The status alone does not say it: 403 is a refused key at one and a flagged text at another, 400 may be an empty account, and a row that is too long
says nothing of the server.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict

from resources.llm.answers.server_words import ServerWords

Meaning: TypeAlias = Literal[
    "row", "too_long", "too_many", "moderation", "setting", "key", "barred", "money", "model", "limit", "busy", "slow", "broken"
]
"""meanings.yaml says what each of them means."""
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)


class Sign(BaseModel):
    """What tells a meaning. Of `codes`, `words`, `patterns` and `parameters` one must be there; and the status, where statuses are given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meaning: Meaning
    statuses: tuple[int, ...] = ()
    codes: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    """Of the message, or of a code, in lower case and without quotation marks."""
    unless: re.Pattern[str] | None = None
    """In a message with this the patterns mean nothing."""
    parameters: frozenset[str] = frozenset()
    in_pages: bool = True
    """Whether it is one in what is no JSON too: the pages of firewalls talk of permissions."""

    def fits(self, status: int, said: ServerWords, message: str, asked: str) -> bool:
        """`asked` is the row's own text: a server that repeats it has not said what it says."""
        if not (self.words or self.codes or self.patterns or self.parameters):
            return status in self.statuses
        if said.is_page and not self.in_pages:
            return False
        if self.statuses and status not in (*self.statuses, 200):  # 200: an error in an answer, which names no status
            return False
        if not said.codes.isdisjoint(self.codes) or not said.parameters.isdisjoint(self.parameters):
            return True
        return any(word in message and word not in asked for word in self.words) or self._has_pattern(said, message, asked)

    def _has_pattern(self, said: ServerWords, message: str, asked: str) -> bool:
        if not self.patterns:
            return False
        if any(pattern.search(code) for pattern in self.patterns for code in said.codes):
            return True
        message, asked = _bare(message[:_SEARCHED]), _bare(asked)
        if self.unless is not None and self.unless.search(message):
            return False
        return any(found.group() not in asked for pattern in self.patterns for found in pattern.finditer(message))


def _bare(text: str) -> str:
    return " ".join(_QUOTES.sub("", text).split())


_SEARCHED = 4_000
"""Characters of a message in which patterns are looked for."""
_QUOTES = re.compile(r"[\\\"'`’‘“”]")


class Vocabulary(BaseModel):
    """What a provider's errors mean, before what all have in common. `hosts`: where it is found, for who gave an address instead of a name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hosts: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()


class Meanings(BaseModel):
    """The whole table. `statuses`: by meaning, the HTTP statuses that mean it where no sign fits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statuses: dict[Meaning, tuple[int, ...]]
    common: tuple[Sign, ...]
    providers: dict[str, Vocabulary]

    def of_status(self, status: int) -> Meaning:
        named = next((meaning for meaning, statuses in self.statuses.items() if status in statuses), None)
        return named or ("broken" if status >= 500 or status < 300 else "row")


@lru_cache(maxsize=1)
def meanings() -> Meanings:
    import yaml

    return Meanings.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")))


def provider_of(name: str | None, host: str | None) -> str:
    """Whose words to expect: the provider that the user named, or the one at this host, else ""."""
    known = meanings().providers
    if name in known:
        return str(name)
    host = (host or "").lower()
    at = (provider for provider, words in known.items() if any(host == each or host.endswith((f".{each}", f"-{each}")) for each in words.hosts))
    return next(at, "")


def meaning_of(status: int, said: ServerWords, provider: str = "", asked: str = "") -> Meaning:
    """`asked` is the text of the request, whose words a server may repeat."""
    table = meanings()
    if said.status is not None and status < 400:
        status = said.status
    message, asked = said.message.lower(), asked.lower()
    signs = table.providers[provider].signs if provider in table.providers else ()
    return next((sign.meaning for sign in (*signs, *table.common) if sign.fits(status, said, message, asked)), table.of_status(status))
