"""Rules of repetition and variety in a source file."""

from __future__ import annotations

from typing import Final

import numpy as np
from pydantic import Field

from operators.bases.statistics.measure import measured
from operators.code.language.files import FileLanguages, FileNames
from operators.code.rules.source_rule import SourceRule, SourceStatisticsFilter
from operators.engine.batch import Mask
from operators.kernels.text_statistics import TextStatistics


class RepetitiveSourceFilter(SourceStatisticsFilter):
    """Drop source files that say the same again and again: lines that occurred before, passages of 5 to 10 words that did, few different words.

    Lines of nothing but marks ("}", "*/") repeat nothing. `max_duplicate_shares` are for 5 to 10 words in a row: characters in those that occurred
    before over all characters. The entropy of the words, in bits, is low where few words make up the file.
    """

    covers = ("CodeDocumentQualityFilter",)
    source = "RefineCode (Huang et al. 2024), after Gopher (Rae et al. 2021); defaults: what the repetitive files among installed packages exceed"
    asks = ("copy and paste code with repeated lines", "boilerplate tables of the same statement", "low entropy source files")

    max_duplicate_lines: float = Field(0.65, ge=0, le=1, description="Share of the lines that have a letter or digit.")
    max_duplicate_shares: tuple[float, ...] = Field((0.75, 0.72, 0.69, 0.66, 0.63, 0.6), min_length=6, max_length=6)
    min_entropy: float = Field(3.0, ge=0, description="Bits.")

    def keep(self, text: TextStatistics) -> Mask:
        lines = text.lines - text.mark_lines
        mask: Mask = (text.duplicate_lines - text.duplicate_mark_lines) / lines <= self.max_duplicate_lines
        for size, share in zip(range(5, 11), self.max_duplicate_shares, strict=True):
            mask &= getattr(text, f"duplicate_{size}_gram_characters") / text.characters <= share
        return mask & (text.word_entropy >= self.min_entropy)


IN_CAPITALS: Final = frozenset({"Fortran", "COBOL", "SQL", "Assembly", "Motorola 68K Assembly", "Visual Basic .NET", "Pascal", "VHDL"})
"""Languages that are often written in capitals."""


class SourceMarksFilter(SourceRule):
    """Drop source files with too many curly brackets for their size, or too many words in capitals: tables of constants, dumps.

    Capitals do not count in languages that are often written in them: Fortran, COBOL, SQL, assembly.
    """

    covers = ("CodeDocumentQualityFilter",)
    source = "RefineCode (Huang et al. 2024)"
    asks = ("too many braces in a source file", "lists of constants in capital letters", "code that is mostly macros")

    max_curly_brackets: float = Field(0.1, ge=0, le=1, description="Share of the characters.")
    max_upper_case_words: float = Field(0.5, ge=0, le=1, description="Share of the words: two letters or more, all capitals, no digits.")

    def keep(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        most = measured(text, "max_upper_case_words", np.where(language.among(IN_CAPITALS), 1.0, self.max_upper_case_words))
        return (text.curly_brackets / text.characters <= self.max_curly_brackets) & (text.upper_case_words / text.words <= most)
