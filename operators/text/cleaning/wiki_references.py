"""References of wiki pages."""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa
from pydantic import Field

from operators.bases.removing import remove
from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input

_REF = r"<ref\b(?:[^<>\"']|\"[^\"<>]*\"|'[^'<>]*')*/>|<ref\b(?:[^<>\"'/]|\"[^\"<>]*\"|'[^'<>]*'|/(?!>))*>(?:(?!<ref\b).)*?</ref\s*>"
_CITATION: Final = r"\[(?:\d{1,3}(?:\s?[,–-]\s?\d{1,3})*|citation needed|edit|note \d+)\]"
_TEMPLATES = re.compile(r"\{\{\s*(?:cite|citation|sfnp?|efn|refn|reflist|harv\w*)\b", re.IGNORECASE)
_REFERENCE = re.compile(_REF, re.IGNORECASE | re.DOTALL)
_MARK = re.compile(rf"(?<=[\w.,;:!?)\"'»”])(?:{_CITATION})+", re.IGNORECASE)


class RemoveReferences(Refine):
    """Remove the references of wiki text: `<ref>...</ref>`, `<ref name=x />`, and citation templates ({{cite web|...}}, {{sfn|...}}), however nested.

    `marks` removes the numbers that they leave in plain text as well: "text.[12]", "[citation needed]". An open `<ref>` or "{{" that nothing closes
    stays, since nobody knows where it should end.
    """

    covers = ("ReferenceRemoverRefiner",)
    source = "MediaWiki, Cite extension"

    input_text = Input(str)
    marks: bool = Field(False, description='Remove "[12]" and "[citation needed]" after words and stops as well.')

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, r"(?i)<ref|\{\{" + (r"|\[[0-9cen]" if self.marks else ""), self._remove)

    def _remove(self, text: str) -> str:
        while True:
            without = _without_templates(remove(_REFERENCE, text))
            if self.marks:
                without = remove(_MARK, without)
            if without == text:
                return text
            text = without


def _without_templates(text: str) -> str:
    parts, at = [], 0
    ends: dict[int, int] | None = None
    for match in _TEMPLATES.finditer(text):
        if ends is None:
            ends = _ends_of_templates(text)
        if match.start() < at or match.start() not in ends:
            continue
        parts.append(text[at : match.start()])
        at = ends[match.start()]
    return "".join([*parts, text[at:]])


def _ends_of_templates(text: str) -> dict[int, int]:
    """Where each "{{" that is closed begins -> where its "}}" ends."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for braces in re.finditer(r"\{\{|\}\}", text):
        if braces.group() == "{{":
            opened.append(braces.start())
        elif opened:
            ends[opened.pop()] = braces.end()
    return ends
