"""What is known beforehand of the languages that are told apart: their letters, and which of them the model takes for one another."""

from __future__ import annotations

import re
from typing import Final

LETTERS_OF: Final = {
    language: re.compile(f"[{letters}]")
    for languages, letters in (
        *(
            ("ja", "\u3041-\u30ff\u4e00-\u9fff"),
            ("zh yue wuu", "\u2e80-\u9fff\U00020000-\U0003ffff"),
            ("ko", "\u1100-\u11ff\uac00-\ud7a3\u4e00-\u9fff"),
        ),
        *(("th", "\u0e00-\u0e7f"), ("lo", "\u0e80-\u0eff"), ("km", "\u1780-\u17ff"), ("my", "\u1000-\u109f"), ("bo dz", "\u0f00-\u0fff")),
        *(("ta", "\u0b80-\u0bff"), ("te", "\u0c00-\u0c7f"), ("kn", "\u0c80-\u0cff"), ("ml", "\u0d00-\u0d7f"), ("he yi", "\u0590-\u05ff")),
        *(
            ("hi mr ne", "\u0900-\u097f"),
            ("bn as", "\u0980-\u09ff"),
            ("gu", "\u0a80-\u0aff"),
            ("pa", "\u0a00-\u0a7f"),
            ("el", "\u0370-\u03ff\u1f00-\u1fff"),
        ),
        *(
            ("ar fa ur arz ps", "\u0600-\u06ff"),
            ("ru uk bg mk be", "\u0400-\u04ff"),
            ("ka", "\u10a0-\u10ff"),
            ("am", "\u1200-\u137f"),
            ("hy", "\u0530-\u058f"),
        ),
    )
    for language in languages.split()
}
"""The letters that a text in the language must have one of."""

CLOSE: Final = tuple(
    map(
        frozenset,
        (
            *("da no nn", "hr sr bs sh", "id ms jv su min", "cs sk", "pt gl", "es gl ast an ca", "ru uk be rue", "bg mk"),
            *("de als bar nds lb", "nl af vls li"),
            *("hi ne mr mai bh", "fa azb mzn ps pnb ur", "ar arz", "zh yue wuu", "it scn lmo pms nap vec co", "fr oc wa", "tr az tk"),
        ),
    )
)  # fmt: skip
"""Languages that the model takes for one another: a text in one is not mixed because some pieces look like the other."""


CHINESE: Final = frozenset({"zh", "yue", "wuu"})
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HANGUL: Final = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")
_OF_JAPAN: Final = "cp932"
"""JIS X 0208 with what vendors added to it: no Japanese text needs others but for rare names. It has few of the characters that China simplified."""


def told_by_letters(line: str) -> str | None:
    """ "ja" where a third of the letters are kana; "zh" where most are Han, some of which Japanese does not write, and none is kana or hangul.

    >>> [told_by_letters(line) for line in ("哪一位是大学校友？", "僕が一番長くて", "東京都千代田区", "大学校友です。们", "en 这")]
    ['zh', 'ja', None, None, None]
    """
    if line.isascii() or not (_HAN.search(line) or _KANA.search(line)) or _HANGUL.search(line):
        return None
    letters, kana = sum(map(str.isalpha, line)), len(_KANA.findall(line))
    if kana:
        return "ja" if 3 * kana >= letters else None
    han = _HAN.findall(line)
    return "zh" if 2 * len(han) >= letters and any(not character.encode(_OF_JAPAN, "ignore") for character in han) else None


def are_close(one: str, other: str) -> bool:
    """Whether the model takes the two for one another."""
    return any(one in group and other in group for group in CLOSE)
