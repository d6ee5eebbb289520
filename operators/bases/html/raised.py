"""Superscripts and subscripts in plain text, so that no number changes its value: 10 to the power of 23 is "10^23", and not "1023"."""

from __future__ import annotations

import re
from typing import Final

_JOINED: Final = frozenset("st nd rd th er ers re res ère ères ème èmes eme me mme lle lles os as gr ter bis tm sm".split())
"""Letters that are raised as a matter of taste: 1st, Mme, Brand TM."""
_ORDINAL_LETTERS: Final = frozenset("e o a ª º".split())
"""Those of French, Italian, Spanish and Portuguese: 2e, 1o, XIXe. After other letters they are exponents."""

_LONGEST: Final = 24
_NUMBERED: Final = re.compile(r"(?:\d|\b[IVXLCM]+|\bn)$", re.IGNORECASE)
_ATOM: Final = re.compile(r"[-+−–]?(?:\d+(?:[.,]\d+)?[-+−–]?|[^\W\d_])")
_NOTE: Final = re.compile(r"\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*|[A-Za-z]")
_SIGNS_IN_BRACKETS: Final = re.compile(r"\((?:\d+|tm|sm|r|c)\)", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_WORD_OR_NUMBER: Final = re.compile(r"\w\w$|\d$")
_WORDS: Final = re.compile(r"[^\W\d_]{3,}\s|\s[^\W\d_]{3,}")
_PRICE: Final = re.compile(r"[$€£¥]\s?\d[\d,.]*$")
_DEGREES: Final = re.compile(r"\s?[CFNSEW]\b")
_ELEMENT: Final = re.compile(r"(?:[A-Z][a-z]?|[(\[][A-Z][A-Za-z\d]*[)\]])$")
"""What may be the symbol of a chemical element, or a group of them."""
_AFTER_A_SENTENCE: Final = frozenset(".,;:!?\"'”’»…。，")
_CLOSING: Final = frozenset(")]}|%°′″'’")


def raised(before: str, inside: str, after: str = "", note: bool = False, over_lowered: bool = False) -> str:
    """A superscript between the text before it and the text after it. Notes, which are links or stand after the end of a sentence, become "[2]".

    `over_lowered`: a slash and a subscript follow, as in a fraction.
    """
    core = inside.strip()
    base = before[-1:]
    if not core or core.startswith("["):
        return inside
    if (note or base in _AFTER_A_SENTENCE) and base and _NOTE.fullmatch(core):
        return f"[{core}]"
    if not base or not (base.isalnum() or base in _CLOSING):
        return f"{inside} " if core.isdigit() and _WORD.match(after) else inside
    if core.isdigit():
        if over_lowered and base.isdigit():
            return f" {core}"
        if len(core) == 2 and _PRICE.search(before):
            return f".{core}"
    if base.isdigit() and core in ("o", "0") and _DEGREES.match(after):
        return "°"
    if _is_joined(before, core):
        return inside
    if _WORD.fullmatch(core) and _WORD_OR_NUMBER.search(before):
        return f" {inside}"
    return _shifted("^", inside, core)


def lowered(before: str, inside: str) -> str:
    """A subscript. The numbers of chemical formulas are joined (H2O); others could be read as a part of what they stand at (log_2, x_1)."""
    core = inside.strip()
    base = before[-1:]
    if not core or not base or not (base.isalnum() or base in _CLOSING) or core.startswith(("(", "[")):
        return inside
    if core[0].isdigit() and _ATOM.fullmatch(core) and _ELEMENT.search(before):
        return inside
    return f"_{core}" if core.isalnum() else _shifted("_", inside, core)


def is_atom(text: str) -> bool:
    """Whether a formula needs no brackets beside an operator: a number, a letter."""
    return _ATOM.fullmatch(text) is not None


def _is_joined(before: str, core: str) -> bool:
    lower = core.lower()
    if lower in _ORDINAL_LETTERS:
        return _NUMBERED.search(before) is not None
    if lower in _JOINED:
        return True
    if _SIGNS_IN_BRACKETS.fullmatch(core):
        return not (before[-1:].isalpha() and not before[-2:-1].isalnum())
    return not any(map(str.isalnum, core))


def _shifted(mark: str, inside: str, core: str) -> str:
    if len(core) > _LONGEST or _WORDS.search(core):
        return inside if inside[:1].isspace() else f" {inside}"
    if is_atom(core) or (core.startswith("(") and core.endswith(")")):
        return f"{mark}{core}"
    return f"{mark}({core})"
