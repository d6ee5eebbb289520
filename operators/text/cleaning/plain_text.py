"""Refiners of plain text. Each does nothing to clean text, and nothing more the second time."""

from __future__ import annotations

import html
import re
from functools import cached_property
from html.entities import html5
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input
from operators.text.cleaning.broken_text import MOST_ROUNDS, repair, repair_lines
from operators.text.cleaning.structure import has_structure


class FixUnicode(Refine):
    """Repair text that was decoded or encoded wrongly ("schÃ¶n" to "schön"), line breaks, control characters and ligatures, and compose it (NFC).

    Quotes, full-width characters and case stay as they are. `html_entities` decodes entities as well, in texts without tags.
    """

    source = "ftfy (Speer 2019)"
    asks = ("repair mojibake in scraped data", "fix garbled accents and broken UTF-8", "text decoded with a mistaken charset", "ftfy on every text")

    input_text = Input(str)
    html_entities: bool = False
    normalization: Literal["NFC", "NFKC"] | None = "NFC"

    @cached_property
    def _settings(self) -> Any:
        import ftfy

        return ftfy.TextFixerConfig(
            unescape_html="auto" if self.html_entities else False,
            uncurl_quotes=False,
            fix_character_width=False,
            normalization=self.normalization,
            explain=False,
        )

    def refine_batch(self, text: pa.Array) -> pa.Array:
        """Only what has something other than printable ASCII, tabs and line feeds can be broken."""
        suspicious = r"[^\t\n\x20-\x7E]|&" if self.html_entities else r"[^\t\n\x20-\x7E]"
        fix = repair if self.html_entities else repair_lines
        return rewrite_where(text, suspicious, lambda value: fix(value, self._settings))


class DecodeHtmlEntities(Refine):
    """Decode HTML entities, named and numeric, that end in a semicolon: "a &lt; b" to "a < b". What looks like one inside a URL stays, and what only
    begins like one (`p = &timestamp;` has no "&times;" in it)."""

    covers = ("HtmlEntityRefiner",)
    source = "WHATWG HTML, named and numeric character references"
    asks = ("turn &amp; and &nbsp; back into characters", "unescape ampersand codes", "fix escaped quotes and umlauts of web exports")

    input_text = Input(str)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, "&[A-Za-z#][A-Za-z0-9]+;", self._decode)

    def _decode(self, text: str) -> str:
        for _ in range(MOST_ROUNDS):
            decoded = _decoded(text)
            if decoded == text:
                break
            text = decoded
        return text


_ENTITY = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,31})|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_STARTS_URL = re.compile(r"[a-z]://|www\.", re.IGNORECASE)


def _decoded(text: str) -> str:
    """The text with each entity decoded before which no URL begins that no white space has ended."""
    parts: list[str] = []
    done = at = 0
    in_url = False
    for entity in _ENTITY.finditer(text):
        before = text[at : entity.start()]
        last = "" if before[-1:].isspace() else before.rsplit(None, 1)[-1] if before else ""
        in_url = (in_url and len(last) == len(before)) or _STARTS_URL.search(last) is not None
        at = entity.end()
        if not in_url and (entity[1] is None or f"{entity[1]};" in html5):
            parts += [text[done : entity.start()], html.unescape(entity.group())]
            done = at
    return "".join([*parts, text[done:]])


class NormalizeSpaces(Refine):
    """Make every Unicode space a plain one, runs of them one, and line breaks "\\n"; drop spaces at the ends of lines and of the text.

    Paragraphs stay: at most `max_blank_lines` blank lines follow each other. Spaces and tabs that indent a line stay unless `keep_indentation` is
    False. What is laid out by white space keeps its shape: fenced code blocks stay as they are, and diffs, tables, columns and indented quotations
    keep their runs of spaces, unless `keep_structure` is False. `keep_runs` keeps all runs inside lines; `join_lines` makes one line of everything.
    """

    covers = ("RemoveExtraSpacesRefiner",)
    asks = ("collapse whitespace and blanks", "trim tabs, double blanks and trailing space", "squeeze empty lines")

    input_text = Input(str)
    max_blank_lines: int = Field(1, ge=0)
    keep_indentation: bool = True
    keep_runs: bool = False
    join_lines: bool = False
    keep_structure: bool = Field(True, description="Leave code blocks as they are, and the spaces of diffs, tables and columns.")

    def refine_batch(self, text: pa.Array) -> pa.Array:
        from operators.kernels.spaces import normalize_spaces

        laid_out = has_structure(text) if self.keep_structure and not self.join_lines else None
        return normalize_spaces(text, self.max_blank_lines, self.keep_indentation, self.keep_runs, self.join_lines, laid_out)


class RemoveLines(Refine):
    """Remove the lines that hold one of `phrases`, in either case: "javascript", cookie notices, copyright lines. The default is C4's list."""

    source = "C4 (Raffel et al. 2020)"
    asks = (
        "delete cookie banners and privacy notices line by line",
        "drop any line that mentions a given phrase",
        "get rid of legal boilerplate inside pages",
    )

    input_text = Input(str)
    phrases: tuple[str, ...] = Field(
        ("javascript", "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"), min_length=1
    )

    def refine_batch(self, text: pa.Array) -> pa.Array:
        alternatives = "|".join(re.escape(phrase) for phrase in self.phrases)
        wanted = re.compile(alternatives, re.IGNORECASE)
        return rewrite_where(text, f"(?i){alternatives}", lambda value: "\n".join(line for line in value.split("\n") if not wanted.search(line)))
