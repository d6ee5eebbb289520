"""What fetching an address came to: a page, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Page:
    """The content of an address, without encodings of its transport."""

    url: str
    """As it was asked for."""
    final_url: str
    """After all redirects; the same where there were none."""
    content_type: str
    """In lower case and without parameters: "text/html"."""
    charset: str
    """As the server declares it; "" where it does not."""
    content: bytes


@dataclass(frozen=True, slots=True)
class NotFetched:
    """Why there is no page: "it answers 404", "robots.txt of example.org does not allow it", "127.0.0.1 is no public address"."""

    url: str
    reason: str


Fetched: TypeAlias = Page | NotFetched
