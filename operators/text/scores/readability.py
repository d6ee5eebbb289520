"""How hard a text is to read, by the classic formulas."""

from __future__ import annotations

from operators.bases.words import sentences, syllables, words
from operators.core.kinds import Evaluate
from operators.tables.columns import Input, Output


class ReadabilityEvaluator(Evaluate):
    """Say how hard an English text is to read, with the counts that the formulas are made of.

    Flesch reading ease: mostly 0 (very hard) to 100 (very easy), not bounded. Flesch-Kincaid, Gunning fog, SMOG, Coleman-Liau and automated
    readability: years of schooling that a reader needs; SMOG is null under 30 sentences, where its authors do not define it. All are null
    for a text without words. Words of a script without spaces count as one syllable, so the grades say something of alphabetic texts only.
    Follow with ScoreFilter to filter by one of them.
    """

    covers = ("LangkitSampleEvaluator", "LangkitFilter")
    source = "Flesch 1948, Kincaid et al. 1975, Gunning 1952, McLaughlin 1969, Coleman & Liau 1975, Smith & Senter 1967"
    asks = ("reading level or school grade", "how difficult is the prose for readers", "Flesch score of articles")

    input_text = Input(str)
    output_flesch_reading_ease = Output(float)
    output_flesch_kincaid_grade = Output(float)
    output_gunning_fog = Output(float)
    output_smog_grade = Output(float)
    output_coleman_liau_grade = Output(float)
    output_automated_readability = Output(float)
    output_words = Output(int, "word_count")
    output_sentences = Output(int, "sentence_count")
    output_syllables = Output(int, "syllable_count")
    output_polysyllables = Output(int, "polysyllable_count", description="words of three syllables and more")
    output_letters = Output(int, "letter_count", description="letters and digits of the words")

    def evaluate(self, text: str) -> dict[str, float | int | None]:
        found = words(text)
        per_word = [syllables(word) for word in found]
        ends = sentences(text)
        counts = {
            "words": len(found),
            "sentences": ends,
            "syllables": sum(per_word),
            "polysyllables": sum(count >= 3 for count in per_word),
            "letters": sum(character.isalnum() for word in found for character in word),
        }
        return {**counts, **readability(**counts)}


def readability(words: int, sentences: int, syllables: int, polysyllables: int, letters: int) -> dict[str, float | None]:
    """The formulas, each None where it is not defined."""
    if not words or not sentences:
        return dict.fromkeys(
            ("flesch_reading_ease", "flesch_kincaid_grade", "gunning_fog", "smog_grade", "coleman_liau_grade", "automated_readability")
        )
    sentence_length, word_length, syllables_per_word = words / sentences, letters / words, syllables / words
    return {
        "flesch_reading_ease": 206.835 - 1.015 * sentence_length - 84.6 * syllables_per_word,
        "flesch_kincaid_grade": 0.39 * sentence_length + 11.8 * syllables_per_word - 15.59,
        "gunning_fog": 0.4 * (sentence_length + 100 * polysyllables / words),
        "smog_grade": 1.0430 * (30 * polysyllables / sentences) ** 0.5 + 3.1291 if sentences >= 30 else None,
        "coleman_liau_grade": 5.88 * word_length - 29.6 * sentences / words - 15.8,
        "automated_readability": 4.71 * word_length + 0.5 * sentence_length - 21.43,
    }
