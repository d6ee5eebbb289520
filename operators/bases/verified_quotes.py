"""Quotes with the proof of where they stand: exactly, as typesetting changes them, without the marks of Markdown and HTML, or nowhere."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final, Literal

from pydantic import BaseModel

from operators.bases.quotes import Source, Span
from operators.bases.words import words

Found = Literal["exact", "normalised", "without markup", "missing"]

_MARKUP: Final = re.compile(
    r"[*_`~#|\\]+|!?\[(?=[^\[\]\n]{0,300}\]\()|\]\([^()\s]{0,500}\)|</?[A-Za-z][^<>\n]{0,300}>|^[ \t]*(?:>|[-+]|\d{1,3}\.)[ \t]+", re.M
)
"""Marks that stand between the words of a Markdown or HTML text, and that people leave out when they quote it."""
_FEWEST_WORDS: Final = 3
"""A quote of fewer words proves nothing: "the" stands in every text."""


class VerifiedQuote(BaseModel):
    """A quote as it stands in its source, `sources[source][start:end] == quote`; or, where it is "missing", as the model wrote it, without a place.

    `start` and `end` are characters from 0, `end` is not included; `source` is the place of the text in a list of sources, 0 where there is one.
    """

    quote: str
    source: int
    start: int | None
    end: int | None
    found: Found


class QuotedSources:
    """Texts that are quoted from: each is read once, however many quotes are looked up.

    >>> sources = QuotedSources(["The sky is **blue** at noon.", "Grass is “green” in May."])
    >>> sources.verify('grass is "green" in May').found, sources.verify('Grass is "green" in May').found
    ('missing', 'normalised')
    >>> sources.verify("sky is blue at noon")
    VerifiedQuote(quote='sky is **blue** at noon', source=0, start=4, end=27, found='without markup')
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [_QuotedText(text) for text in texts]

    def verify(self, quote: str, first: int = 0) -> VerifiedQuote:
        """Where a quote stands best: of several sources in that of the place `first`, or else in the first other one."""
        order = sorted(range(len(self._texts)), key=lambda place: place != first)
        spans = [(place, span) for place in order if (span := self._texts[place].find(quote)) is not None]
        exact = [(place, span) for place, span in spans if self._texts[place].text[span.start : span.end] == quote.strip()]
        if exact or spans:
            return self._found(*(exact or spans)[0], "exact" if exact else "normalised")
        for place in order:
            if (span := self._texts[place].find_unmarked(quote)) is not None:
                return self._found(place, span, "without markup")
        return VerifiedQuote(quote=quote, source=first, start=None, end=None, found="missing")

    def _found(self, place: int, span: Span, found: Found) -> VerifiedQuote:
        stands = self._texts[place].text[span.start : span.end]
        return VerifiedQuote(quote=stands, source=place, start=span.start, end=span.end, found=found)


class _QuotedText:
    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, quote: str) -> Span | None:
        return self._source.find(quote)

    def find_unmarked(self, quote: str) -> Span | None:
        source, places = self._unmarked
        span = source.find(_MARKUP.sub("", quote.strip()))
        return None if span is None else Span(places[span.start], places[span.end - 1] + 1)

    @cached_property
    def _source(self) -> Source:
        return Source(self.text)

    @cached_property
    def _unmarked(self) -> tuple[Source, array[int]]:
        """The text without marks, and where each of its characters stands."""
        places: array[int] = array("q")
        kept, end = [], 0
        for mark in _MARKUP.finditer(self.text):
            kept.append(self.text[end : mark.start()])
            places.extend(range(end, mark.start()))
            end = mark.end()
        kept.append(self.text[end:])
        places.extend(range(end, len(self.text)))
        return Source("".join(kept)), places


def quote_fault(quote: Any, sources: Sequence[str]) -> str | None:
    """What is wrong with a quote that is kept: it does not stand where it says, or says too little to prove anything. None where nothing is.

    >>> quote_fault({"quote": "sky is blue", "source": 0, "start": 4, "end": 15, "found": "exact"}, ["The sky is blue."])
    >>> quote_fault({"quote": "sky is grey", "source": 0, "start": 4, "end": 15, "found": "exact"}, ["The sky is blue."])
    "'sky is grey' does not stand in the source where it says"
    """
    told = f"{str(quote['quote'])[:80]!r}"
    start, end, place = quote["start"], quote["end"], quote["source"]
    if start is None or end is None:
        return f"{told} does not stand in the source"
    if place is None or not 0 <= place < len(sources) or not 0 <= start < end <= len(sources[place]) or sources[place][start:end] != quote["quote"]:
        return f"{told} does not stand in the source where it says"
    if len(words(quote["quote"])) < _FEWEST_WORDS:
        return f"{told} is too short to prove anything"
    return None


def as_sources(given: str | Iterable[str]) -> list[str]:
    """One text, or several, as the list that places of quotes refer to."""
    return [given] if isinstance(given, str) else list(given)
