"""What the texts and the headers of licences say that no other says."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

FoundIn: TypeAlias = Literal["identifier", "text", ""]


class Licence(NamedTuple):
    """`name` is an SPDX expression; None where nothing was found."""

    name: str | None
    found_in: FoundIn


LOOKED_AT: Final = 12_000
"""Characters at the beginning of a file."""

_IDENTIFIER: Final = re.compile(r"SPDX-License-Identifier:[ \t]*(?P<name>[A-Za-z0-9.+() -]{2,120})")
_NO_TEXT: Final = re.compile(r"[\s*#/;%|!\"'`<>_-]+")

_SIGNATURES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("AGPL-3.0-or-later", ("gnu affero general public license", "any later version")),
    ("AGPL-3.0-only", ("gnu affero general public license",)),
    ("LGPL-3.0-or-later", ("gnu lesser general public license", "version 3", "any later version")),
    ("LGPL-2.1-or-later", ("gnu lesser general public license", "version 2.1", "any later version")),
    ("LGPL-2.0-or-later", ("gnu library general public license",)),
    ("LGPL-3.0-only", ("gnu lesser general public license", "version 3")),
    ("LGPL-2.1-only", ("gnu lesser general public license",)),
    ("GPL-3.0-or-later", ("gnu general public license", "version 3", "any later version")),
    ("GPL-2.0-or-later", ("gnu general public license", "version 2", "any later version")),
    ("GPL-3.0-only", ("gnu general public license", "version 3")),
    ("GPL-2.0-only", ("gnu general public license", "version 2")),
    ("MPL-2.0", ("mozilla public license", "2.0")),
    ("EPL-2.0", ("eclipse public license", "2.0")),
    ("CDDL-1.0", ("common development and distribution license",)),
    ("Apache-2.0", ("apache license", "version 2.0")),
    ("Apache-2.0", ("licensed under the apache license",)),
    ("Apache-2.0", ("apache license 2.0",)),
    ("BSL-1.0", ("boost software license",)),
    ("Unlicense", ("free and unencumbered software released into the public domain",)),
    ("CC0-1.0", ("cc0 1.0",)),
    ("CC-BY-SA-4.0", ("creative commons attribution sharealike 4.0",)),
    ("CC-BY-4.0", ("creative commons attribution 4.0",)),
    ("Zlib", ("this software is provided as is, without any express or implied warranty", "altered source versions must be plainly marked")),
    ("PSF-2.0", ("python software foundation license",)),
    ("PSF-2.0", ("licensed to psf under a contributor agreement",)),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "neither the name")),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "may not be used to endorse")),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms",)),
    ("BSD-3-Clause", ("governed by a bsd style license",)),
    ("BSD-3-Clause", ("modified bsd license",)),
    ("BSD-3-Clause", ("licensed under the bsd 3 clause",)),
    ("BSD-3-Clause", ("new bsd license",)),
    ("BSD-3-Clause", ("3 clause bsd",)),
    ("BSD-2-Clause", ("simplified bsd license",)),
    ("MIT", ("permission is hereby granted, free of charge, to any person obtaining a copy",)),
    ("MIT", ("licensed under the mit license",)),
    ("MIT", ("released under the mit license",)),
    ("MIT", ("the mit license",)),
    ("MIT", ("mit license",)),
    ("ISC", ("permission to use, copy, modify, and or distribute this software for any purpose with or without fee",)),
    ("ISC", ("permission to use, copy, modify, and distribute this software for any purpose with or without fee",)),
    ("HPND", ("permission to use, copy, modify, and distribute this software and its documentation for any purpose",)),
    ("LicenseRef-public-domain", ("placed in the public domain",)),
    ("LicenseRef-public-domain", ("released into the public domain",)),
    ("LicenseRef-proprietary", ("proprietary and confidential",)),
    ("LicenseRef-proprietary", ("unauthorized copying of this file",)),
    ("LicenseRef-proprietary", ("is strictly prohibited", "all rights reserved")),
)
"""SPDX name -> what all stand in a text under it, in lower case and with one space for all that is no text. The first that fits counts."""

PERMISSIVE: Final = frozenset(
    "0BSD Apache-2.0 BSD-1-Clause BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 CC-BY-4.0 HPND ISC MIT MIT-0 MIT-CMU NCSA PSF-2.0 PostgreSQL Python-2.0 "
    "Unlicense UPL-1.0 WTFPL X11 Zlib LicenseRef-public-domain".split()
)
"""Licences that ask for no more than their own notice (Blue Oak Council's bronze and better, in common use)."""


@lru_cache(maxsize=256)
def _plain(text: str) -> str:
    return _NO_TEXT.sub(" ", text).lower()


def licence_of(text: str) -> Licence:
    """The licence that the beginning of a file names, or whose text it is."""
    beginning = text[:LOOKED_AT]
    if match := _IDENTIFIER.search(beginning):
        name = match["name"].strip(" -").removesuffix("*").strip()
        if name:
            return Licence(name, "identifier")
    if "licen" not in beginning and "Licen" not in beginning and "LICEN" not in beginning and "ermission" not in beginning and not _speaks(beginning):
        return Licence(None, "")
    plain = _plain(beginning)
    for name, phrases in _SIGNATURES:
        if all(phrase in plain for phrase in phrases):
            return Licence(name, "text")
    return Licence(None, "")


def _speaks(beginning: str) -> bool:
    lowered = beginning.lower()
    return any(word in lowered for word in ("redistribution", "public domain", "confidential", "prohibited"))


def is_permissive(name: str) -> bool:
    """Whether one may choose to take a file under a permissive licence: of "A OR B" one is enough, of "A AND B" both have to be.

    >>> is_permissive("MIT OR GPL-3.0-only"), is_permissive("(MIT AND GPL-3.0-only)"), is_permissive("Apache-2.0 WITH LLVM-exception")
    (True, False, True)
    """
    flat = name.replace("(", " ").replace(")", " ")
    choices = re.split(r"\s+OR\s+", flat)
    return any(all(part.split(" WITH ")[0].strip() in PERMISSIVE for part in re.split(r"\s+AND\s+", choice)) for choice in choices)
