"""Files of types that are only worth training on where they say something: data, web pages, plain text."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from pydantic import Field

from operators.bases.statistics.measure import measured
from operators.code.language.files import FileLanguages, FileNames
from operators.code.rules.source_rule import SourceRule
from operators.engine.batch import Mask
from operators.kernels.text_statistics import TextStatistics

OF_DATA: Final = frozenset({"JSON", "YAML", "Web Ontology Language", "Graphviz (DOT)", "TOML", "INI", "CSV", "TSV", "SVG", "Gettext Catalog"})
PAGES: Final = frozenset({"HTML"})
PLAIN: Final = frozenset({"Text"})
DOCUMENTATION: Final = (
    r".*requirement.*|(?:readme|notes?|todo|description|cmakelists|changes|changelog|contributing|install|history|news|faq)(?:\..*)?"
)


class FileTypeFilter(SourceRule):
    """Drop long files of data, web pages without text, and plain text that is no documentation. Files of all other types stay.

    Data (JSON, YAML, TOML, CSV, SVG ...) and plain text have at most `max_lines` lines. Of a page, what a reader sees is enough, and enough of the
    whole. Plain text has a name of documentation ("README", "requirements.txt"), where names are known.
    """

    covers = ("CodeFileTypeContentFilter",)
    source = "The Stack v2 (Lozhkov et al. 2024), RefineCode (Huang et al. 2024)"
    asks = ("drop big JSON and YAML dumps", "web pages that are mostly markup", "text files that are no readme")

    max_lines: int = Field(512, ge=1, description="Of data and plain text; blank lines count.")
    min_visible: int = Field(100, ge=0, description="Characters of a page that a reader sees, without white space.")
    min_visible_share: float = Field(0.2, ge=0, le=1, description="The same over all characters of the page.")
    documentation: str = Field(DOCUMENTATION, description="Pattern of the whole names of plain text that stays, in lower case.")

    def keep(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        pages, plain = language.among(PAGES), language.among(PLAIN)
        lines = measured(text, "all lines", np.asarray(text.lines) + np.asarray(text.blank_lines))
        most = measured(text, "max_lines", np.where(language.among(OF_DATA) | plain, self.max_lines, np.inf))
        keep: Mask = lines <= most
        if pages.any():
            least = measured(text, "min_visible", np.where(pages, self.min_visible, 0))
            share = measured(text, "min_visible_share", np.where(pages, self.min_visible_share, 0.0))
            seen = np.zeros(len(pages), np.int64)
            seen[pages] = text.filter(pages).visible_characters
            visible = measured(text, "visible_characters", seen)
            keep &= (visible >= least) & (visible / text.characters >= share)
        if plain.any():
            of_documentation = re.compile(self.documentation)
            named = np.array([not name or bool(of_documentation.fullmatch(name)) for name in filename], np.bool_)
            keep &= measured(text, "has the name of documentation", named.astype(np.int64)) >= np.where(plain, 1, 0)
        return keep
