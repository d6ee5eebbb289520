"""Filters by the words in an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import idna
import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Filter
from operators.tables.columns import Input
from operators.tables.errors import Problem, StageFailed
from operators.text.urls.addresses import read_address

HARD: Final = tuple(
    "porn porno porntube pornstar xxx xvideos hentai milf gangbang blowjob cumshot creampie bukkake camgirl camgirls sexcam sexcams sextube "
    "sexvideo sexvideos hardcoresex nsfw upskirt dildo pornos ficken sexfilme".split()
)
"""Words that hardly stand in the address of a page worth keeping."""
SOFT: Final = tuple(
    "sex sexy nude nudes naked erotic erotik adult escort escorts webcam cams fetish amateur teens anal casino casinos poker slots betting "
    "jackpot viagra cialis levitra pharmacy pills payday loans torrent warez keygen crack cracked".split()
)
"""Words of which one says little: "adult education", "poker"."""
PARTS: Final = ("pornhub", "xvideos", "freeporn", "hardcoreporn", "sexvideos", "hentaimanga", "camgirls", "onlinecasino", "buyviagra")
"""Stand anywhere in an address, its marks left out: "best-free-porn" has "freeporn"."""
_MARKS = re.compile(r"[\W_]+")


class UrlWordsFilter(Filter):
    """Drop texts whose address speaks of what it is: one hard word, `most_soft` + 1 different soft words, or a part that stands anywhere in it.

    Words are what stands between marks, so that "sussex" and "scunthorpe" stay; %-codes and Punycode are read first. The bundled lists are short:
    give files of your own, a word a line.
    """

    source = "URL filter of FineWeb (Penedo et al. 2024), with lists of our own"
    asks = ("drop pages with porn words in the url", "score suspicious words in links", "FineWeb style banned words for addresses")

    input_url = Input(str, "url")

    hard_words: str = Field("", description="File of words of which one is enough, instead of the bundled ones.")
    soft_words: str = Field("", description="File of words of which several are needed.")
    parts: str = Field("", description="File of what may stand anywhere in the address.")
    most_soft: int = Field(1, ge=0, description="Different soft words that an address may have.")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        files = {"hard_words": self.hard_words, "soft_words": self.soft_words, "parts": self.parts}
        missing = [(name, file) for name, file in files.items() if file and not Path(file).expanduser().is_file()]
        return [*found, *(Problem(f'{self.name}: there is no file "{file}"', details=(("argument", name),)) for name, file in missing)]

    def keep(self, url: str) -> tuple[bool, str | None]:
        written = "".join(_readable(url))
        words = {word for word in _MARKS.split(written) if word}
        if hard := sorted(words & _words(self.hard_words, HARD)):
            return False, f'its address has the word "{hard[0]}"'
        together = _MARKS.sub("", written)
        if part := next((part for part in sorted(_words(self.parts, PARTS)) if part in together), None):
            return False, f'its address has "{part}" in it'
        soft = sorted(words & _words(self.soft_words, SOFT))
        enough = len(soft) > self.most_soft
        return not enough, f"its address has {len(soft)} soft words, above most_soft = {self.most_soft}: {', '.join(soft)}" if enough else None


def _readable(url: str) -> Iterator[str]:
    """The address in lower case, with host and path as people read them; without the scheme."""
    address = read_address(url)
    text = unquote(url).lower()
    if address is None:
        yield text
        return
    for label in address.host.split("."):
        yield _unicode(label)
        yield "."
    _, found, rest = text.partition(address.host)
    yield rest if found else unquote(address.path).lower()


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return label


@lru_cache(maxsize=8)
def _words(file: str, bundled: tuple[str, ...]) -> frozenset[str]:
    if not file:
        return frozenset(bundled)
    try:
        lines = Path(file).expanduser().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StageFailed(f"the list of words {file} cannot be read: {error}") from error
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))
