"""XHTML, which is XML, for a parser of HTML."""

from __future__ import annotations

import html
import re
from typing import Final

from operators.bases.html.tags import VOID

_EMPTY_ELEMENT: Final = re.compile(r"""<([A-Za-z][\w:.-]*+)((?:[^"'<>/]++|"[^"<]*+"|'[^'<]*+'|/(?!>))*+)/>""")
_VERBATIM: Final = re.compile(r"<(script|style)\b[^<>]*>|<!\[CDATA\[", re.IGNORECASE)


def is_xhtml(source: str) -> bool:
    """Whether a page begins with an XML declaration."""
    return source[:100].lstrip("\ufeff \t\r\n").startswith("<?xml")


def as_html(source: str) -> str:
    """XHTML as HTML, where `<title/>` would begin an element that never ends, and CDATA be a comment."""

    def written(found: re.Match[str]) -> str:
        name, attributes = found[1], found[2]
        return found[0] if name.lower() in VOID else f"<{name}{attributes}></{name}>"

    return _without_cdata(_EMPTY_ELEMENT.sub(written, source))


def _without_cdata(source: str) -> str:
    """CDATA sections as text, but for those of scripts and styles."""
    parts, at = [], 0
    while (found := _VERBATIM.search(source, at)) is not None:
        end = source.find(f"</{found[1]}" if found[1] else "]]>", found.end())
        if end < 0:
            break
        if found[1]:
            parts.append(source[at:end])
            at = end
        else:
            parts += [source[at : found.start()], html.escape(source[found.end() : end], quote=False)]
            at = end + len("]]>")
    return "".join([*parts, source[at:]])
