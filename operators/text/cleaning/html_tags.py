"""Which "<...>" in a text is HTML, and which is mathematics, code or a type parameter.

A tag counts when it is written like one and names an element of HTML; and either the element never has an end tag (`<br>`), or the text holds both
its start and its end. Tags inside code (fenced blocks, `spans`) are what the text is about, not how it is written.
"""

from __future__ import annotations

import re
from typing import Final

from operators.bases.code_spans import code_spans, inside

VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
PAIRED: Final = frozenset(
    "a abbr address article aside audio b bdi bdo big blockquote body button canvas caption center cite code colgroup data dd del details dfn "
    "dialog div dl dt em fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header html i iframe ins kbd label "
    "legend li main map mark menu nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script section "
    "select small span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr tt u ul "
    "var video".split()
)
_END_OPTIONAL: Final = frozenset("p li dt dd td th tr option thead tbody tfoot html body head colgroup".split())

TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<attributes>(?:\s+[A-Za-z_:@][-\w:.]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*/?>""",
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DOCUMENT = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


def is_document(text: str) -> bool:
    """Whether the text starts as an HTML document does."""
    return _DOCUMENT.match(text) is not None


def markup_spans(text: str) -> list[tuple[int, int]]:
    """Where the tags and comments of HTML stand in a text that may hold other uses of "<"."""
    tags = [match for match in TAG.finditer(text) if match["name"].lower() in VOID or match["name"].lower() in PAIRED]
    comments = [*_COMMENT.finditer(text)]
    if not tags and not comments:
        return []
    code = code_spans(text)
    tags = [match for match in tags if not inside(match.start(), code)]
    started = {match["name"].lower() for match in tags if not match["end"]}
    ended = {match["name"].lower() for match in tags if match["end"]}
    whole = VOID | (started & ended)
    if started & ended:
        whole |= (
            _END_OPTIONAL & started & {"li", "p", "td", "th", "tr", "dt", "dd"}
            if ended & (_END_OPTIONAL | {"ul", "ol", "table", "dl", "div"})
            else frozenset()
        )
    spans = [match.span() for match in tags if match["name"].lower() in whole]
    spans += [match.span() for match in comments if not inside(match.start(), code)]
    return sorted({*spans})
