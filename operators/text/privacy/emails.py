"""E-mail addresses: beside letters of any script, never the names of files, packages, hosts and labels in code that only hold an "@"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from operators.bases.personal_data.findings import Found

_RESERVED: Final = frozenset({"example", "test", "invalid", "local", "internal", "corp", "lan", "onion"})
"""Endings that no registry gives out and that addresses have all the same (RFC 2606, RFC 6762, and what companies use)."""

_LATIN: Final = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_CYRILLIC: Final = "0-9\u0400-\u04ff"
"""Letters and digits. A Chinese word glued to an address is not of it, nor is a Russian one to a Latin address."""


def _local(letters: str) -> str:
    return rf"[{letters}_](?:[{letters}_.+%-]{{0,62}}[{letters}_+%=-])?"


def _labels(letters: str) -> str:
    return rf"(?:[{letters}](?:[{letters}-]{{0,61}}[{letters}])?\.){{1,8}}"


_ADDRESS: Final = re.compile(
    rf"(?<![{_LATIN}_.+%$@~-])(?P<local>(?:[DOdo]')?{_local(_LATIN)})@"
    rf"(?P<labels>{_labels(_LATIN)})(?P<ending>[A-Za-z]{{2,24}}|xn--[a-z0-9]{{2,20}})(?![{_LATIN}_@-])(?!\.[{_LATIN}])"
)
_CYRILLIC_ADDRESS: Final = re.compile(
    rf"(?<![{_CYRILLIC}A-Za-z_.+%@-])(?P<local>{_local(_CYRILLIC)}|{_local('0-9A-Za-z')})@"
    rf"(?P<labels>{_labels(_CYRILLIC)})(?P<ending>[\u0430-\u045f]{{2,12}})(?![{_CYRILLIC}@_-])"
)
_VERSION: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9a-z]+)*\.|[0-9.]+x\.", re.IGNORECASE)
"""`package@4.17.dev` and `image@2x.png`, not `name@163.com`."""
_REMOTE_PATH: Final = re.compile(r":(?:[/~]|[\w.-]{1,60}/|[\w-]{1,60}\.git\b)")
_REMOTE_COMMAND: Final = re.compile(
    r"(?:^|[^\w\s]\s*|\b(?:sudo|run|use|type|then|and)\s+)(?:ssh|scp|sftp|rsync|mosh|sshfs|ssh-copy-id)(?:\s+[^\s@]{1,60}){0,6}\s+$"
)
_LOOK_BACK: Final = 160


@cache
def top_level_domains() -> frozenset[str]:
    """What registries give out, in ASCII and in scripts of their own (IANA), and reserved ones."""
    return frozenset(Path(__file__).with_name("top_level_domains.txt").read_text("utf-8").split()) | _RESERVED


def find_emails(text: str) -> Iterator[Found]:
    """Whose domain ends as one can (RFC 5322 without quoted names and comments)."""
    if "@" not in text:
        return
    for match in _ADDRESS.finditer(text):
        if end := _end_of_address(match, text):
            yield Found(match.start(), end, "email")
    if not text.isascii():
        for match in _CYRILLIC_ADDRESS.finditer(text):
            if end := _end_of_address(match, text):
                yield Found(match.start(), end, "email")


def _end_of_address(match: re.Match[str], text: str) -> int | None:
    """Where the address ends; None where it only looks like one."""
    local, labels, ending = match["local"], match["labels"], match["ending"]
    end = match.end()
    if ".." in local or local.lower() in ("git", "hg", "svn") or _VERSION.fullmatch(labels):
        return None
    if ending.lower() not in top_level_domains() and not ending.startswith("xn--"):
        *domain, last, _ = labels.split(".")
        if not (domain and ending[0].isupper() and last in top_level_domains()):
            return None
        end = match.start("ending") - 1  # the next sentence, without a space
    if text.startswith(":", end) and _REMOTE_PATH.match(text, end):
        return None
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()].rsplit("\n", 1)[-1]
    return None if _is_of_a_page(before) or _REMOTE_COMMAND.search(before) else end


def _is_of_a_page(before: str) -> bool:
    """Whether what stands there is the password in a URL's authority, or a path that goes on."""
    token = re.split(r"[\s\"'<>(,;|]", before)[-1]
    _, scheme, rest = token.rpartition("://")
    if scheme:
        return "?" not in rest
    return token.endswith("/") and ("." in token or token.count("/") > 1) and "@" not in token
