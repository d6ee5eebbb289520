"""C4's rules of lines: a filter that judges a page by the lines that C4 would keep, and a refiner that keeps those."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Refine
from operators.engine.batch import Mask
from operators.kernels.c4_lines import keep_c4_lines
from operators.kernels.text_statistics import TextStatistics
from operators.tables.columns import Input
from operators.text.rules.statistics_filter import StatisticsFilter


class C4PageFilter(StatisticsFilter):
    """Keep pages with enough sentences in the lines that C4 keeps, and neither "lorem ipsum" nor "{" in them.

    The text itself stays whole: `KeepC4Lines`, before or after, cuts it down to those lines, and does not change what this filter says.
    """

    source = "C4 (Raffel et al. 2020)"

    min_sentences: int = Field(5, ge=0)
    forbid_code: bool = Field(True, description='Drop pages with "lorem ipsum" or "{" in a line that stays.')

    def keep(self, text: TextStatistics) -> Mask:
        enough: Mask = text.c4_sentences >= self.min_sentences
        return enough & (text.c4_forbidden_lines <= 0) if self.forbid_code else np.asarray(enough)


class KeepC4Lines(Refine):
    """Keep the lines that C4 keeps: three words or more, an end mark (. ? ! " ', no ellipsis), no word of over 1,000 characters, and nothing of
    JavaScript, cookies, terms of use or privacy policies. Spaces around lines go. A line with "{" or "lorem ipsum" stays, for `C4PageFilter` to
    judge.

    For languages that end sentences with these marks; text in others would lose everything.
    """

    source = "C4 (Raffel et al. 2020)"

    input_text = Input(str)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return keep_c4_lines(text)
