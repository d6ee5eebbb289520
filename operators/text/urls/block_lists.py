"""Published lists of domains and addresses: plain lists, hosts files, domain rules of ad blockers, dnsmasq, and folders of UT1."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.kernels.hashes import NOT_IN_IT, TextSet
from operators.tables.errors import StageFailed
from operators.text.urls.addresses import Address, beginnings, domains_of, punycode

_LEAST_UNDERSTOOD = 0.5
"""Of the lines that say something: a file of which fewer are domains is another kind of file."""
_SINKS = r"^(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|255\.255\.255\.255|::1?|fe80::\S+|ff0\d::\S+)\s+"
"""What hosts files send a blocked name to."""
_RULE = r"^\|\|([^\^/$*|]+)(?:\^|$)(?:\||$)?$"
_EXCEPTION = r"^@@\|\|([^\^/$*|]+)(?:\^|$)(?:\||$)?$"
_OTHER_RULE = r"##|#@#|#\?#|#\$#|^\||^@@|^\[|^/|\$|\*.*\*|^[-&.?_=+].*"
"""Rules about parts of pages, about requests from other sites and about addresses by pattern: they say nothing of a whole site."""
_DNSMASQ = r"^(?:address|server|local)=/([^/]+)/.*$"
_NAME = r"^[^\s/:*@|^$=<>\"',;()\[\]\\]+$"
_WITH_PATH = _NAME.removesuffix("$") + r"(?::\d+)?/[^\s]"
_UT1_FILES: Final = ("domains", "urls")


class Hit(NamedTuple):
    """What of a list an address falls under, and the name of the list; empty where it was given as a parameter."""

    entry: str
    of_list: str

    def __str__(self) -> str:
        return f"{self.entry} ({self.of_list})" if self.of_list else self.entry


@dataclass(frozen=True)
class BlockList:
    """Domains, each with all that is below it, and beginnings of addresses, from any number of lists.

    A name on several lists is of the first. `exceptions` are taken from the lists themselves ("@@||example.org^").
    """

    names: tuple[str, ...]
    """Of the lists, in the order of the numbers that `domains` and `addresses` find."""
    domains: TextSet
    addresses: TextSet
    exceptions: TextSet

    def __len__(self) -> int:
        return len(self.domains) + len(self.addresses)

    def find(self, addresses: Sequence[Address | None]) -> list[Hit | None]:
        """Of each address the most specific entry that it falls under: the host, a domain above it, a beginning of the address."""
        domains = [domains_of(address.host) if address else [] for address in addresses]
        spared, by_domain = self._first(self.exceptions, domains), self._first(self.domains, domains)
        by_path = self._first(self.addresses, [beginnings(address) if address else [] for address in addresses])
        return [None if free else domain or path for free, domain, path in zip(spared, by_domain, by_path, strict=True)]

    def _first(self, entries: TextSet, candidates: Sequence[Sequence[str]]) -> list[Hit | None]:
        hits: list[Hit | None] = [None] * len(candidates)
        if not len(entries):
            return hits
        asked = [(row, text) for row, texts in enumerate(candidates) for text in texts]
        groups = entries.find(pa.array([text for _, text in asked], pa.string()))
        for place in np.flatnonzero(groups != NOT_IN_IT).tolist():
            row, text = asked[place]
            hits[row] = hits[row] or Hit(text, self.names[groups[place]])
        return hits


@dataclass(frozen=True)
class _Parsed:
    name: str
    domains: pa.Array
    addresses: pa.Array
    exceptions: pa.Array


def list_files(path: str) -> list[tuple[str, Path]]:
    """(name of the list, file) for a file; for a folder of UT1, which has a folder a category with files "domains" and "urls"; or for a folder of
    files. No files where nothing is there."""
    place = Path(path).expanduser()
    if place.is_file():
        return [(_name(place), place)]
    if not place.is_dir():
        return []
    own = [(place.name, place / file) for file in _UT1_FILES if (place / file).is_file()]
    if own:
        return own
    found = [(folder.name, folder / file) for folder in sorted(place.iterdir()) for file in _UT1_FILES if (folder / file).is_file()]
    return found or [(_name(file), file) for file in sorted(place.iterdir()) if file.is_file() and not file.name.startswith(".")]


def _name(file: Path) -> str:
    return file.name.removesuffix(".gz").removesuffix(".txt")


def load_block_list(paths: Sequence[str], categories: Sequence[str], domains: Sequence[str]) -> BlockList:
    """The lists in files and folders, of these categories where some are named, and the domains given.

    Raises:
        StageFailed: a file cannot be read, or is no list of domains.
    """
    files = [(name, file) for path in paths for name, file in list_files(path) if not categories or name in categories]
    stamps = tuple((name, str(file), file.stat().st_mtime_ns) for name, file in files)
    return _load(stamps, tuple(domains))


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[str, str, int], ...], domains: tuple[str, ...]) -> BlockList:
    parsed = [_given(domains)] if domains else []
    parsed += [_parse_file(name, Path(file)) for name, file, _ in files]
    return BlockList(
        tuple(one.name for one in parsed),
        TextSet(one.domains for one in parsed),
        TextSet(one.addresses for one in parsed),
        TextSet(one.exceptions for one in parsed),
    )


def names_nothing(entry: str) -> bool:
    """Whether a list would have neither a domain nor an address by this entry: "example.*"."""
    found = _given([entry])
    return not (len(found.domains) or len(found.addresses))


def _given(domains: Sequence[str]) -> _Parsed:
    return _parse("", pa.array(list(domains), pa.string()))


def _parse_file(name: str, file: Path) -> _Parsed:
    try:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    except (OSError, EOFError) as error:
        raise StageFailed(f"the list {file} cannot be read: {error}") from error
    text = data.decode("utf-8-sig", errors="replace")
    lines = pa.array(text.splitlines(), pa.large_string())
    parsed = _parse(name, lines)
    said = _lines_that_say_something(lines)
    understood = len(parsed.domains) + len(parsed.addresses) + len(parsed.exceptions)
    other_rules = int(pc.sum(pc.match_substring_regex(said, _OTHER_RULE)).as_py() or 0)
    if len(said) and understood + other_rules < _LEAST_UNDERSTOOD * len(said):
        raise StageFailed(
            f"{file} is no list of domains: {understood:,} of its {len(said):,} lines name one. It may have a domain a line, be a hosts file, "
            f"or have rules like ||example.org^; it begins with {text[:60]!r}."
        )
    return parsed


def _lines_that_say_something(lines: pa.Array) -> pa.Array:
    """In lower case, without comments and spaces around."""
    lines = pc.utf8_trim_whitespace(pc.utf8_lower(lines))
    lines = lines.filter(pc.invert(pc.match_substring_regex(lines, r"^(?:!|#[^#@?$]|#$|//|;)")))
    lines = pc.utf8_trim_whitespace(pc.replace_substring_regex(lines, r"\s#.*$", ""))
    return lines.filter(pc.greater(pc.utf8_length(lines), 0))


def _parse(name: str, lines: pa.Array) -> _Parsed:
    lines = _lines_that_say_something(lines)
    exceptions, lines = _taken(lines, _EXCEPTION)
    rules, lines = _taken(lines, _RULE)
    dnsmasq, lines = _taken(lines, _DNSMASQ)
    lines = lines.filter(pc.invert(pc.match_substring_regex(lines, r"##|#@#|#\?#|#\$#|^\||^@@|\$|^\[")))
    is_host = pc.match_substring_regex(lines, _SINKS)
    sinks = pc.replace_substring_regex(lines.filter(is_host), _SINKS, "")
    sunk = pc.list_flatten(pc.split_pattern_regex(sinks, r"\s+"))
    sunk = sunk.filter(pc.match_substring(sunk, "."))  # localhost, broadcasthost, ip6-loopback
    plain = lines.filter(pc.invert(is_host))
    plain = pc.replace_substring_regex(plain, r"^(?:[a-z][a-z0-9+.-]*)?://", "")
    has_path = pc.match_substring_regex(plain, _WITH_PATH)
    addresses = _addresses(plain.filter(has_path))
    rest = pc.replace_substring_regex(plain.filter(pc.invert(has_path)), r"(?::\d+)?/*$", "")
    return _Parsed(name, _names([sunk, rules, dnsmasq, rest]), addresses, _names([exceptions]))


def _taken(lines: pa.Array, pattern: str) -> tuple[pa.Array, pa.Array]:
    """What the group of the pattern is in the lines that match, and the other lines."""
    matches = pc.match_substring_regex(lines, pattern)
    return pc.replace_substring_regex(lines.filter(matches), pattern, r"\1"), lines.filter(pc.invert(matches))


def _names(parts: Sequence[pa.Array]) -> pa.Array:
    """Domains in Punycode, without what stands for "and all below": "*." or "."."""
    names = pa.concat_arrays([part.cast(pa.large_string()) for part in parts])
    names = pc.replace_substring_regex(names, r"^(?:\*\.|\.)+|\.+$", "")
    names = names.filter(pc.match_substring_regex(names, _NAME))
    ascii_alone = pc.string_is_ascii(names)
    others = [made for made in map(punycode, names.filter(pc.invert(ascii_alone)).to_pylist()) if made]
    return pa.concat_arrays([names.filter(ascii_alone), pa.array(others, pa.large_string())])


def _addresses(lines: pa.Array) -> pa.Array:
    """ "b.org/a": without "www.", port, query and final "/"."""
    return pc.replace_substring_regex(pc.replace_substring_regex(lines, r"^(?:www\.)?([^/:]+)(?::\d+)?/", r"\1/"), r"(?:[?#].*|/+)$", "")


def category_names(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        yield from dict.fromkeys(name for name, _ in list_files(path))
