"""A parsed page as a flat list: an element opens, text, an element closes. What nobody sees is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

_DROPPED: Final = frozenset("style noscript template head svg iframe object embed canvas audio video source track rp".split())
_MATHEMATICS: Final = ("application/x-tex", "text/x-tex", "latex")
_ATTRIBUTES: Final = ("src", "alt", "class", "id", "start", "type", "reversed", "value", "colspan", "rowspan", "href", "data-src", "display", "mode")
MOST_DEPTH: Final = 4000
"""Elements inside each other; deeper ones are read as if they stood side by side."""


@dataclass(frozen=True, slots=True)
class Token:
    what: Literal["open", "text", "close"]
    tag: str = ""
    text: str = ""
    attributes: dict[str, str] | None = None

    def get(self, name: str) -> str:
        return (self.attributes or {}).get(name, "")


def tokens_of(root: Any) -> list[Token]:
    """Each "open" has its "close". Formulas become a "math" element with LaTeX as its text, where the page has that."""
    made: list[Token] = []
    node, entering, depth = root, True, 0
    while True:
        tag = node.tag
        if entering:
            if tag == "-text":
                if text := node.text_content:
                    made.append(Token("text", text=text))
            elif tag in ("math", "script") or (tag == "span" and "katex" in (node.attributes.get("class") or "")):
                made += _formula(node)
            elif tag not in _DROPPED and not tag.startswith(("-", "!")) and not _is_hidden(node):
                known = {name: value or "" for name, value in node.attributes.items() if name in _ATTRIBUTES} if node.attributes else {}
                made.append(Token("open", tag, attributes=known))
                if node.child is not None:
                    node = node.child
                    depth += 1
                    continue
                made.append(Token("close", tag))
        else:
            made.append(Token("close", tag))
        if not depth:
            return made
        if node.next is not None:
            node, entering = node.next, True
        else:
            node, entering = node.parent, False
            depth -= 1


def _is_hidden(node: Any) -> bool:
    known = node.attributes
    if not known:
        return False
    style = (known.get("style") or "").replace(" ", "").lower()
    classes = (known.get("class") or "").split()
    return "hidden" in known or "display:none" in style or "headerlink" in classes or "visually-hidden" in classes


def _formula(node: Any) -> list[Token]:
    """The LaTeX of a formula: of MathML with an annotation, of MathJax' scripts; else the text of MathML. Other scripts give nothing."""
    known = node.attributes
    latex = ""
    if node.tag == "script":
        kind = known.get("type") or ""
        if not kind.startswith("math/tex"):
            return []
        latex, display = node.text() or "", "display" in kind
    else:
        annotation = next((one for one in node.css("annotation") if (one.attributes.get("encoding") or "").lower() in _MATHEMATICS), None)
        shown = node if node.tag == "math" else node.css_first("math")
        display = shown is not None and (shown.attributes.get("display") == "block" or shown.attributes.get("mode") == "display")
        latex = (annotation.text() if annotation is not None else (node.attributes.get("alttext") or "")) or ""
        if not latex.strip():
            return [Token("text", text=node.text() or "")]
    latex = " ".join(latex.split()).removeprefix("{\\displaystyle ").removesuffix("}") if "{\\displaystyle" in latex else " ".join(latex.split())
    known_as = {"display": "block" if display else ""}
    return [Token("open", "math", attributes=known_as), Token("text", text=latex), Token("close", "math")]
