"""Formulas of web pages: as the LaTeX from which they were made, where the page has it, or else in plain signs: 1/2, x^2, sqrt(x)."""

from __future__ import annotations

import re
from typing import Any, Final

from operators.bases.html.raised import is_atom

MATH: Final = frozenset(("math", "mml:math", "m:math"))
MATHML: Final = frozenset(
    "annotation annotation-xml maction math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms "
    "mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr mlabeledtr munder munderover none semantics".split()
)
"""The elements of MathML."""
_LATEX: Final = frozenset(("application/x-tex", "text/x-tex", "application/x-latex", "tex", "latex"))
_PICTURES: Final = frozenset("tex latex math".split())
"""Classes of pictures whose `alt` is a formula: of MediaWiki, WordPress, Sphinx."""
_MOST_DEPTH: Final = 40
"""Elements inside each other; deeper ones give their text alone."""
_INVISIBLE: Final = dict.fromkeys(range(0x2061, 0x2065))
_DISPLAY_STYLE: Final = re.compile(r"\{\\(?:display|text)style\s*(.*)\}", re.DOTALL)


def of_math(node: Any) -> tuple[str, bool]:
    """The formula of a `math` element, and whether it stands in a line of its own."""
    known = node.attributes
    display = known.get("display") == "block" or known.get("mode") == "display"
    for annotation in node.css("annotation"):
        if (annotation.attributes.get("encoding") or "").lower() in _LATEX and (latex := annotation.text() or "").strip():
            return in_dollars(latex, display), display
    latex = known.get("alttext") or ""
    if any(sign in latex for sign in "\\^_"):
        return in_dollars(latex, display), display
    plain = _plain(node, 0).strip()
    return (in_dollars(plain, display) if "\\" in plain else plain), display


def of_picture(node: Any) -> str:
    """The formula that a picture shows; "" for other pictures, and where the page has the formula beside it too."""
    known = node.attributes
    classes = (known.get("class") or "").split()
    alt = known.get("alt") or ""
    if not alt.strip() or not any(name in _PICTURES or name.startswith("mwe-math") for name in classes):
        return ""
    beside = node.prev
    if beside is not None and beside.tag == "span" and "mwe-math" in (beside.attributes.get("class") or ""):
        return ""
    return in_dollars(alt, False)


def in_dollars(latex: str, display: bool) -> str:
    """LaTeX in dollars, one for a formula in a line and two for one of its own, unless it says itself where it starts."""
    latex = " ".join(latex.split())
    if whole := _DISPLAY_STYLE.fullmatch(latex):
        latex = whole[1].strip()
    if latex.startswith(("$", "\\(", "\\[")):
        return latex
    return f"$${latex}$$" if display else f"${latex}$"


def _plain(node: Any, depth: int) -> str:
    tag = node.tag
    if tag == "-text":
        return " ".join((node.text_content or "").translate(_INVISIBLE).split())
    name = tag.rpartition(":")[2]
    if name in ("annotation", "annotation-xml", "mphantom", "mprescripts", "none") or tag.startswith("-"):
        return ""
    if depth >= _MOST_DEPTH:
        return " ".join((node.text() or "").split())
    if name in ("mi", "mn", "mo", "ms"):
        return " ".join((node.text() or "").translate(_INVISIBLE).split())
    if name in ("mtext", "mspace"):
        return f" {' '.join((node.text() or '').split())} ".replace("  ", " ")
    parts = [_plain(child, depth + 1) for child in node.iter(include_text=name not in _WITH_PLACES)]
    if name == "semantics":
        return parts[0] if parts else ""
    if name in ("mtr", "mlabeledtr"):
        return ", ".join(parts)
    if name == "mtable":
        return f"[{'; '.join(parts)}]"
    if name == "mfenced":
        known = node.attributes
        return f"{known.get('open', '(') or ''}{', '.join(parts)}{known.get('close', ')') or ''}"
    if name == "msqrt":
        return f"sqrt({_row(parts)})"
    if len(parts) > 1:
        first, second, *others = parts
        if name == "mfrac":
            return f"binom({first}, {second})" if node.attributes.get("linethickness") in ("0", "0pt") else f"{_whole(first)}/{_whole(second)}"
        if name == "mroot":
            return f"{_whole(first)}^(1/{_whole(second)})"
        if name in ("msup", "mover"):
            return f"{_whole(first)}{_script('^', second)}"
        if name in ("msub", "munder"):
            return f"{_whole(first)}{_script('_', second)}"
        if name in ("msubsup", "munderover"):
            return f"{_whole(first)}{_script('_', second)}{_script('^', ''.join(others))}"
        if name == "mmultiscripts":
            return " ".join(filter(None, parts))
    return _row(parts)


_WITH_PLACES: Final = frozenset("semantics mtr mlabeledtr mtable mfenced mfrac mroot msup mover msub munder msubsup munderover mmultiscripts".split())
"""Elements that tell their children by their places."""


def _row(parts: list[str]) -> str:
    """Side by side, with a space where two would be read as one: 1 1/2, sin x."""
    made: list[str] = []
    before = ""
    for part in filter(None, parts):
        if before and _runs_together(before, part):
            made.append(" ")
        made.append(part)
        before = part
    return "".join(made)


def _runs_together(before: str, after: str) -> bool:
    if not (before[-1].isalnum() and after[0].isalnum()):
        return False
    both_numbers = before[-1].isdigit() and after[0].isdigit()
    return both_numbers or "/" in before or "/" in after or "_" in before or "^" in before or max(len(_letters(before)), len(_letters(after))) > 1


def _letters(text: str) -> str:
    return text if text.isalpha() else ""


def _whole(part: str) -> str:
    """A part that an operator stands at."""
    part = part.strip()
    if not part or is_atom(part) or (part.isalnum() and not part[0].isdigit()) or not any(map(str.isalnum, part)) or _is_in_brackets(part):
        return part
    return f"({part})"


def _script(mark: str, part: str) -> str:
    """An index or exponent; marks such as primes and arrows are joined."""
    part = part.strip()
    return f"{mark}{_whole(part)}" if any(map(str.isalnum, part)) or part in ("∞", "*", "+", "-", "−") else part


def _is_in_brackets(part: str) -> bool:
    """Whether the first bracket closes at the end."""
    if not part.startswith("(") and not part.startswith(("sqrt(", "|")):
        return False
    depth = 0
    for at, sign in enumerate(part):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign == ")":
            return at == len(part) - 1
    return False
