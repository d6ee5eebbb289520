"""Hosts and paths of web addresses, in the one form in which they can be compared."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import idna

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_NO_HOST = re.compile(r"[\s<>\"{}|^`\\/?#@\[\]]")
_ADDRESS_6 = re.compile(r"[0-9a-f:.]{2,45}")
_MOST_SEGMENTS = 32
_LONGEST_HOST = 253
"""Characters, by the rules of DNS."""


class Address(NamedTuple):
    """`host` in lower case, without port, user or final dot, names of other scripts in Punycode. `path` begins with "/"; the query is left out."""

    host: str
    path: str


def read_address(url: str) -> Address | None:
    """None for what has no host: "mailto:a@b.c", "/a/b", "not an address"."""
    text = url.strip().replace("\\", "/")
    if not text:
        return None
    if not text.startswith("//") and not _has_scheme(text):
        text = f"//{text}"
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    name = normal_host(host) if host else None
    return Address(name, parts.path or "/") if name else None


def _has_scheme(text: str) -> bool:
    """Whether the text names a scheme ("https:"), not a host with its port ("example.com:8080")."""
    match = _SCHEME.match(text)
    return match is not None and not text[match.end() : match.end() + 1].isdigit()


@lru_cache(maxsize=100_000)
def normal_host(host: str) -> str | None:
    """A host as it is compared; None for what is none."""
    host = unquote(host).strip().lower().rstrip(".")
    if not host or len(host) > _LONGEST_HOST:
        return None
    if ":" in host:
        return host if _ADDRESS_6.fullmatch(host) else None
    if host.isascii():
        return None if _NO_HOST.search(host) or ".." in host or host.startswith(".") else host
    return punycode(host)


def punycode(host: str) -> str | None:
    """A host of another script as DNS has it: "bücher.de" is "xn--bcher-kva.de". None where a name cannot be one."""
    try:
        made = idna.encode(host, uts46=True, transitional=False).decode("ascii").rstrip(".")
    except (idna.IDNAError, UnicodeError):
        return None
    return None if _NO_HOST.search(made) else made


def parents(host: str) -> list[str]:
    """The host and the domains above it: "a.b.org", "b.org", "org". An IP address is alone."""
    if ":" in host or host.replace(".", "").isdigit():
        return [host]
    labels = host.split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]


def domains_of(host: str) -> list[str]:
    """What lists of domains may name of a host: it, with or without "www.", and the domains above it."""
    own, *above = parents(host)
    return [own, f"www.{own}", *above]


def beginnings(address: Address) -> list[str]:
    """What lists of addresses may name of this one, in small letters: "b.org/a", "b.org/a/c"; with and without "www."."""
    host = address.host.removeprefix("www.")
    segments = [segment for segment in address.path.lower().split("/") if segment][:_MOST_SEGMENTS]
    return [f"{host}/{'/'.join(segments[:count])}" for count in range(1, len(segments) + 1)]
