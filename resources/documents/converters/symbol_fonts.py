"""Characters of the fonts Symbol and Wingdings, which office files name by their place in the font."""

from __future__ import annotations

import re
from typing import Final

_PRIVATE: Final = 0xF000
"""Where office files put the places of such a font among the characters of Unicode."""
_SYMBOL: Final = {
    **dict(enumerate(" !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼", 0x20)),
    **dict(enumerate("€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪", 0xA0)),
    **dict(enumerate("⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭", 0xF1)),
}
_WINGDINGS: Final = {
    0x4A: "☺", 0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "☐", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE8: "➔", 0xF0: "⇨",
    0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_FONTS: Final = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}


def symbol(font: str, code: str) -> str:
    """The character that `w:sym` names by four hexadecimal digits; "" for one that is only a drawing."""
    if not re.fullmatch(r"[0-9A-Fa-f]{4}", code):
        return ""
    place = int(code, 16)
    if (known := _FONTS.get(font.lower())) is not None and (place < 0x100 or place & 0xFF00 == _PRIVATE):
        return known.get(place & 0xFF, "")
    return "" if 0xD800 <= place <= 0xF8FF else chr(place)


def in_font(text: str, font: str) -> str:
    """A text in which characters of such a font stand at their places for private use."""
    known = _FONTS.get(font.lower())
    return text if known is None else "".join(known.get(ord(one) - _PRIVATE, one) for one in text)
