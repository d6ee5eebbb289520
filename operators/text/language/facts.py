"""What rules need to know of a language."""

from __future__ import annotations

from typing import Final

MEAN_WORD_LENGTHS: Final = {
    "ar": 5.1, "bg": 5.4, "bn": 5.7, "cs": 5.6, "da": 5.4, "de": 6.2, "el": 5.6, "en": 5.0, "es": 5.1, "fa": 4.3, "fi": 7.8, "fr": 5.3,
    "he": 4.7, "hi": 4.3, "hu": 6.7, "id": 6.5, "it": 5.6, "ko": 3.1, "nl": 5.4, "no": 5.3, "pl": 6.2, "pt": 5.2, "ro": 5.5, "ru": 6.3,
    "sv": 5.7, "ta": 9.3, "te": 6.9, "tr": 6.7, "uk": 6.0, "ur": 3.6, "vi": 4.0,
}  # fmt: skip
"""By ISO 639-1 code: characters of a word with its punctuation, on average over prose (FLORES-200, the Declaration of Human Rights, news). Languages
that put no spaces between words have no such length."""

WITHOUT_SENTENCE_MARKS: Final = frozenset({"bo", "dz", "lo", "th"})
"""Languages that end sentences with a space or with nothing."""

SHORT_LINE_FACTORS: Final = {"ja": 0.45, "ko": 0.5, "yue": 0.35, "zh": 0.35}
"""A line that says as much as one of 30 characters in English has so many times fewer."""
