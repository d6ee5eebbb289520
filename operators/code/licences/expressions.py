"""Expressions of SPDX: how they are read, and whether they leave the choice to stand under some licences alone."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Sequence
from typing import Final

PERMISSIVE: Final = frozenset(
    "0BSD Apache-2.0 BSD-1-Clause BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 CC-BY-4.0 HPND ISC MIT MIT-0 MIT-CMU NCSA PSF-2.0 PostgreSQL Python-2.0 "
    "Unlicense UPL-1.0 WTFPL X11 Zlib LicenseRef-public-domain".split()
)
"""Licences that ask for no more than their own notice (Blue Oak Council's bronze and better, in common use)."""


def expression_at(written: str) -> str:
    """The SPDX expression that a line begins with, without what closes its comment; with AND, OR and WITH in capitals. "" where it says nothing."""
    parts = [part.upper() if part.upper() in _JOINING else part for part in _tokens(written)]
    for end in range(len(parts), 0, -1):
        with contextlib.suppress(_NoExpression):
            _allowed(parts[:end], frozenset())
            name = " ".join(parts[:end]).replace("( ", "(").replace(" )", ")")
            return "" if name.upper() == "NOASSERTION" else name
    return ""


_JOINING: Final = ("AND", "OR", "WITH")
_TOKEN: Final = re.compile(r"[ \t]*(?P<token>[()/]|[A-Za-z0-9](?:[A-Za-z0-9.:+-]*[A-Za-z0-9+])?)")


def _tokens(written: str) -> list[str]:
    """As far as they can be read. "/" is how Cargo once wrote OR."""
    found, at = [], 0
    while match := _TOKEN.match(written, at):
        found.append("OR" if match["token"] == "/" else match["token"])
        at = match.end()
    return found


class _NoExpression(Exception):
    pass


def _allowed(parts: Sequence[str], allowed: Collection[str]) -> bool:
    """Whether one may choose to be under the allowed licences alone (in small letters). Raises _NoExpression."""
    left = list(reversed(parts))

    def next_is(*words: str) -> bool:
        if left and left[-1].upper() in words:
            left.pop()
            return True
        return False

    def either() -> bool:
        good = both()
        while next_is("OR"):
            good = both() or good
        return good

    def both() -> bool:
        good = one()
        while next_is("AND"):
            good = one() and good
        return good

    def one() -> bool:
        if next_is("("):
            good = either()
            if not next_is(")"):
                raise _NoExpression
            return good
        if not left or left[-1].upper() in (*_JOINING, ")"):
            raise _NoExpression
        name = left.pop()
        if next_is("WITH"):
            one()  # what an exception adds is a permission
        return name.removesuffix("+").lower() in allowed

    found = either()
    if left:
        raise _NoExpression
    return found


def is_permissive(name: str, allowed: Collection[str] = PERMISSIVE) -> bool:
    """Whether one may choose to take a file under the allowed licences: of "A OR B" one is enough, of "A AND B" both have to be; AND binds closer.

    >>> is_permissive("MIT OR GPL-3.0-only"), is_permissive("(MIT OR GPL-3.0-only) AND GPL-2.0-only"), is_permissive("Apache-2.0 WITH LLVM-exception")
    (True, False, True)
    """
    with contextlib.suppress(_NoExpression):
        return _allowed(_tokens(name), frozenset(one.lower() for one in allowed))
    return False
