"""What the operators have in common that make a row of each part of a text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from operators.bases.pieces import Span, trim
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output


class PartRows(Generate, abstract=True):
    """Makes a row of each part of a text, with its number, how many there are, and where it stands. Parts of white space alone are left out.

    The other columns go on with each part; the whole text does only where `carry` names it.
    """

    adds_rows = True

    input_text = Input(str)
    output_text = Output(str, "text", description="the part")
    output_part = Output(int, "part", description="its number, from 1")
    output_parts = Output(int, "parts", description="how many there are")
    output_start = Output(int, "start", description="its first character in the whole text, from 0")
    output_end = Output(int, "end", description="the first character after it")

    def _carried(self, schema: pa.Schema) -> list[str]:
        names = super()._carried(schema)
        return names if self.carry != "all" else [name for name in names if name != self.input_columns()["text"]]

    def rows(self, text: str, spans: Sequence[Span]) -> list[dict[str, Any]]:
        found = [part for span in spans if (part := trim(text, span)) is not None]
        places = [{"text": text[part.start : part.end], "start": part.start, "end": part.end} for part in found]
        return [{**place, "part": number, "parts": len(places)} for number, place in enumerate(places, 1)]


class MakesParts(PartRows, abstract=True):
    """Finds the parts of each text by itself."""

    @abstractmethod
    def spans(self, text: str) -> Sequence[Span]:
        """Where the parts stand."""

    def generate(self, text: str) -> list[dict[str, Any]]:
        return self.rows(text, self.spans(text))
