"""Marks that were typed several times."""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa

from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input

_SENTENCE: Final = "!?！？。，、؟،।"
_RUN = re.compile(rf"(?P<mark>[{_SENTENCE}])(?P=mark)+(?![\w=({{\[\"'`$])")
_COMMAS = re.compile(r"(?<=\w),{2,}(?=\s|$)")
_SEVERAL_DOTS = re.compile(r"(?<![./\\\w])(?<=[^.])\.{4,}(?![\w./\\])|(?<=\w)\.{4,}(?=\s|$)")
_PAIRS = re.compile(r"(?P<pair>[!?！？]{2})(?P=pair)+")


class CollapsePunctuation(Refine):
    """Write a mark of a sentence once where it was typed several times: "What???" to "What?", "!?!?" to "!?", "....." to "...".

    What code, Markdown and links are made of stays: "...", "--", "==", "//", "**", "!!x", "a,,b".
    """

    covers = ("RemoveRepetitionsPunctuationRefiner",)
    asks = ("reduce repeated exclamation marks to a single one", "clean up excessive punctuation", "too many question marks in a row")

    input_text = Input(str)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, rf"[{_SENTENCE}]{{2}}|,,|\.{{4}}", self._collapse)

    def _collapse(self, text: str) -> str:
        while True:
            collapsed = _PAIRS.sub(r"\g<pair>", _RUN.sub(r"\g<mark>", text))
            collapsed = _SEVERAL_DOTS.sub("...", _COMMAS.sub(",", collapsed))
            if collapsed == text:
                return text
            text = collapsed
