"""What the texts and the headers of licences say that no other says."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

from operators.code.licences.expressions import expression_at

FoundIn: TypeAlias = Literal["identifier", "text", ""]


class Licence(NamedTuple):
    """`name` is an SPDX expression; None where nothing was found."""

    name: str | None
    found_in: FoundIn


LOOKED_AT: Final = 12_000
"""Characters at the beginning of a file."""

_IDENTIFIER: Final = re.compile(r"SPDX-License-Identifier:[ \t]*(?P<name>[^\r\n]{2,200})", re.IGNORECASE)
_NO_TEXT: Final = re.compile(r"[\s*#/;%|!\"'`<>_-]+")
_VERSION: Final = re.compile(r"(?<=license)(,? \(?)v(?:ersion)?[. ]*(?=\d)")
_LATER: Final = re.compile(r"\bor (?:\(at your option\) )?(?:any )?(?:later|newer)(?: versions?)?\b")

_SIGNATURES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("LicenseRef-Commons-Clause", ("commons clause",)),
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
    ("GPL-1.0-or-later", ("terms of the gnu general public license",)),
    ("GPL-1.0-or-later", ("under the gnu general public license",)),
    ("SSPL-1.0", ("server side public license",)),
    ("BUSL-1.1", ("business source license",)),
    ("Elastic-2.0", ("elastic license",)),
    ("EUPL-1.2", ("european union public license",)),
    ("MPL-1.1", ("mozilla public license", "version 1.1")),
    ("MPL-2.0", ("mozilla public license",)),
    ("EPL-1.0", ("eclipse public license", "version 1.0")),
    ("EPL-2.0", ("eclipse public license",)),
    ("CPL-1.0", ("common public license",)),
    ("CDDL-1.0", ("common development and distribution license",)),
    ("Apache-2.0", ("apache license", "version 2.0")),
    ("Apache-2.0", ("licensed under the apache license",)),
    ("Apache-2.0", ("apache license 2.0",)),
    ("Apache-2.0", ("apache.org licenses license 2.0",)),
    ("BSL-1.0", ("boost software license",)),
    ("Unlicense", ("free and unencumbered software released into the public domain",)),
    ("CC0-1.0", ("cc0 1.0",)),
    ("CC0-1.0", ("creativecommons.org publicdomain zero",)),
    ("Zlib", ("this software is provided as is, without any express or implied warranty", "altered source versions must be plainly marked")),
    ("PSF-2.0", ("python software foundation license",)),
    ("PSF-2.0", ("licensed to psf under a contributor agreement",)),
    ("BSD-4-Clause", ("redistribution and use in source and binary forms", "all advertising materials")),
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
    ("MIT", ("opensource.org licenses mit",)),
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

_CREATIVE_COMMONS: Final = re.compile(
    r"(?:creativecommons\.org licenses by|creative commons attribution|\bcc by)"
    r"(?P<parts>(?:[ ,]+(?:nc|sa|nd|non ?commercial|share ?alike|no ?deriv\w*))*)\b(?:,? (?P<number>\d\.\d))?"
)
_SHORT: Final = re.compile(
    r"\b(?:under|terms of|license[ds]?) ?[:=(\[]* ?(?:(?:the|a|gnu|terms|conditions|of|and|or|either|both|dual|version|is|under) ){0,6}"
    r"(?P<name>[al]?gpl|mit|isc|bsd|apache|mpl|wtfpl|unlicense)(?![a-uw-z]|v[a-z])(?: license)?"
    r",?(?: ?v(?:ersion)?)?[ .(]*(?P<number>\d(?:\.\d)?)?(?P<plus>\+?)"
)
"""Where a text says that something stands under a licence, by its short name: "License: GPLv3+", "licensed under MIT"."""
_OF_SHORT: Final = {"mit": "MIT", "isc": "ISC", "wtfpl": "WTFPL", "unlicense": "Unlicense"}
_UNNUMBERED: Final = {"gpl": "1.0", "lgpl": "2.0", "agpl": "3.0", "apache": "2.0", "mpl": "2.0"}


@lru_cache(maxsize=256)
def _plain(text: str) -> str:
    """In lower case, with one space for all that is no text, and one spelling for what is spelt in several ways."""
    plain = _NO_TEXT.sub(" ", text).lower().replace("licence", "license")
    for short, long in (("gnu gpl", "gnu general public license"), ("gnu lgpl", "gnu lesser general public license")):
        plain = plain.replace(short, long)
    return _LATER.sub("or any later version", _VERSION.sub(r"\1version ", plain))


def licence_of(text: str) -> Licence:
    """The licence that the beginning of a file names, or whose text it is. Where several identifiers stand in it, the file is under all of them."""
    beginning = text[:LOOKED_AT]
    lowered = beginning.lower()
    identifiers = _IDENTIFIER.finditer(beginning) if "spdx-license" in lowered else ()
    if named := dict.fromkeys(name for match in identifiers if (name := expression_at(match["name"]))):
        return Licence(" AND ".join(f"({name})" if len(named) > 1 and " OR " in name else name for name in named), "identifier")
    if not any(word in lowered for word in _SPEAKING):
        return Licence(None, "")
    plain = _plain(beginning)
    for name, phrases in _SIGNATURES:
        if all(phrase in plain for phrase in phrases):
            return Licence(name, "text")
    said = _creative_commons(plain) or _short(plain)
    return Licence(said, "text" if said else "")


_SPEAKING: Final = (
    "licen",
    "permission",
    "redistribution",
    "public domain",
    "confidential",
    "prohibited",
    "gpl",
    " mit",
    "commons clause",
    "creative",
)
"""One of these stands in every text that has a licence to name."""


def _creative_commons(plain: str) -> str | None:
    found = _CREATIVE_COMMONS.search(plain)
    if found is None:
        return None
    parts = found["parts"].replace(" ", "")
    held = [
        short
        for short, words in (("NC", ("nc", "noncom")), ("SA", ("sa", "sharea")), ("ND", ("nd", "noder")))
        if any(word in parts for word in words)
    ]
    return "-".join(["CC-BY", *held, found["number"] or "4.0"])


def _short(plain: str) -> str | None:
    found = _SHORT.search(plain)
    if found is None:
        return None
    name, number = found["name"], found["number"]
    if name == "bsd":
        return f"BSD-{number if number in ('2', '4') else 3}-Clause"
    if name in _OF_SHORT:
        return _OF_SHORT[name]
    number = f"{number}.0" if number and len(number) == 1 else number or _UNNUMBERED[name]
    if not name.endswith("gpl"):
        return f"{name.upper() if name == 'mpl' else 'Apache'}-{number}"
    later = found["plus"] or found["number"] is None or plain.startswith("or any later", found.end() + (plain[found.end() : found.end() + 1] == " "))
    return f"{name.upper()}-{number}-{'or-later' if later else 'only'}"
