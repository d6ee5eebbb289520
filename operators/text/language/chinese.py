"""Traditional and simplified Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from operators.core.kinds import Refine
from operators.tables.columns import Input
from operators.tables.errors import Problem

Variant = Literal["simplified", "traditional", "taiwan", "hong_kong"]
_SHORT = {"simplified": "s", "traditional": "t", "taiwan": "tw", "hong_kong": "hk"}
_CHINESE = r"[\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}]"
_PIECE = 50_000
"""Characters that are converted at once."""


class ConvertChinese(Refine):
    """Write Chinese texts in another form: simplified, traditional (OpenCC's standard), as in Taiwan, or as in Hong Kong.

    Words are converted, not characters alone: 头发 is 頭髮 and 发展 is 發展. With `phrases`, words that are others in Taiwan become those:
    鼠标 is 滑鼠. What is no Chinese stays as it is, but Japanese kanji are taken for Chinese: filter by language before.
    """

    source = "OpenCC"
    asks = ("convert traditional Chinese to simplified", "unify Chinese variants with OpenCC", "Taiwan wording to mainland wording")
    packages = ("opencc",)
    extra = "chinese"

    input_text = Input(str)

    of: Variant = "traditional"
    to: Variant = "simplified"
    phrases: bool = False

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        try:
            self.steps()
        except ValueError as error:
            return [*super().problems(*tables), Problem(f"{self.name}: {error}")]
        return super().problems(*tables)

    def steps(self) -> tuple[str, ...]:
        """The conversions of OpenCC that are done one after the other.

        Raises:
            ValueError: there is none.
        """
        if self.of == self.to:
            raise ValueError(f"of and to are both {self.to}: there is nothing to convert")
        if self.phrases:
            if {self.of, self.to} != {"simplified", "taiwan"}:
                raise ValueError("phrases are told apart between simplified and taiwan alone")
            return (f"{_SHORT[self.of]}2{_SHORT[self.to]}p",)
        if {self.of, self.to} == {"taiwan", "hong_kong"}:
            return (f"{_SHORT[self.of]}2t", f"t2{_SHORT[self.to]}")
        return (f"{_SHORT[self.of]}2{_SHORT[self.to]}",)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        converters = [_converter(step) for step in self.steps()]
        chinese = pc.match_substring_regex(text, _CHINESE).to_pylist()
        values = [_converted(value, converters) if found else value for value, found in zip(text.to_pylist(), chinese, strict=True)]
        return pa.array(values, text.type)


def _converted(text: str, converters: list[Any]) -> str:
    for converter in converters:
        text = "".join(converter.convert(piece) for piece in _pieces(text))
    return text


def _pieces(text: str) -> Iterator[str]:
    """Cut where no word can be: behind a line break or a full stop, or where there is none in so many characters."""
    while len(text) > _PIECE:
        end = max(text.rfind(mark, 0, _PIECE) for mark in "\n。，") + 1 or _PIECE
        yield text[:end]
        text = text[end:]
    yield text


@lru_cache(maxsize=16)
def _converter(step: str) -> Any:
    import opencc

    return opencc.OpenCC(step)
