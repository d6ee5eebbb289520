"""Marks inside a line of text, in Markdown; the same for HTML, office files and books."""

from __future__ import annotations

from typing import Final

_RAISED: Final = dict(zip("0123456789+-=()nix", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱˣ", strict=True)) | {"−": "⁻", "–": "⁻"}
_LOWERED: Final = dict(zip("0123456789+-=()aeoxhklmnpst", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜ", strict=True)) | {"−": "₋", "–": "₋"}
_WORDS: Final = frozenset({"st", "nd", "rd", "th", "er", "re", "e", "o", "a", "tm", "®", "™", "©", "*", "†", "‡"})
"""Raised as a matter of taste: 1st, Mme."""


def raised(text: str) -> str:
    """A superscript, so that 10 to the 6 does not become 106."""
    return _shifted(text, _RAISED, "^")


def lowered(text: str) -> str:
    return _shifted(text, _LOWERED, "_")


def _shifted(text: str, characters: dict[str, str], mark: str) -> str:
    inside = text.strip()
    if not inside or inside.lower() in _WORDS or inside.startswith(("[", "(")):
        return text
    if all(character in characters for character in inside):
        return "".join(characters[character] for character in inside)
    return f"{mark}{inside}" if len(inside) == 1 else f"{mark}{{{inside}}}" if " " not in inside and len(inside) <= 20 else text


def marked(text: str, mark: str) -> str:
    """The text between two marks, which stand next to its first and last character."""
    inside = text.strip()
    if not inside or mark in inside or "\n" in inside:
        return text
    start = len(text) - len(text.lstrip())
    return f"{text[:start]}{mark}{inside}{mark}{text[start + len(inside) :]}"
