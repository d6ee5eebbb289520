"""The protocol of converters, as operators see them. Formats and libraries live in `resources.documents`.

An operator that needs one declares `needs = ("documents",)` and the field `documents: str = "documents"`; its function is given the serving as the
argument `documents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from operators.document_model.conversion import Conversion, Source


@runtime_checkable
class DocumentServing(Protocol):
    """Converts files of many formats. Whatever a file does, its conversion ends within the limits and harms no other."""

    def convert(self, source: Source) -> Conversion:
        """The document, or why there is none. Raises nothing for what is wrong with the file."""
        ...

    def convert_all(self, sources: Iterable[Source]) -> Iterator[Conversion]:
        """The same for many, several at once, in their order. An unchanged file is not converted again."""
        ...


class FetchRefused(Exception):
    """An address gives no document: it must not be fetched, or what it gives is no file. The message says why."""


class FetchFailed(Exception):
    """An address gives nothing now: the message says why. Another time it may."""


@dataclass(frozen=True, slots=True)
class Fetched:
    content: bytes
    content_type: str = ""
    """As the server says, with its parameters: "text/html; charset=utf-8"."""
    url: str = ""
    """Where it came from in the end, after redirects."""


@runtime_checkable
class Fetcher(Protocol):
    """Gets the file behind an address, within limits of its own."""

    def fetch(self, url: str) -> Fetched:
        """Raises FetchRefused, FetchFailed."""
        ...
