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
from operators.text.language.rows import Codes
from operators.text.rules.language_rule import SentenceRule


class C4PageFilter(SentenceRule):
    """Keep pages with enough sentences in the lines that C4 keeps, and neither "lorem ipsum" nor "{" in them.

    The end marks are those of every script, and words need no spaces; no say on Thai, which has no marks. The text itself stays whole:
    `KeepC4Lines`, before or after, cuts it down to those lines, and does not change what this filter says.
    """

    source = "C4 (Raffel et al. 2020)"
    asks = (
        "apply the T5 corpus page rules",
        "page level heuristics of Colossal Clean Crawled Corpus",
        "throw out pages with braces or too few proper sentences",
    )

    min_sentences: int = Field(5, ge=0)
    forbid_code: bool = Field(True, description='Drop pages with "lorem ipsum" or "{" in a line that stays.')

    def keep(self, text: TextStatistics, language: Codes) -> Mask:
        sentences = text.c4_sentences if self.strict else text.every_script_c4_sentences
        forbidden = text.c4_forbidden_lines if self.strict else text.every_script_c4_forbidden_lines
        enough: Mask = sentences >= self.min_sentences
        return enough & (forbidden <= 0) if self.forbid_code else np.asarray(enough)


class KeepC4Lines(Refine):
    """Keep the lines that C4 keeps: three words or more, an end mark (. ? ! " ', no ellipsis), no word of over 1,000 characters, and nothing of
    JavaScript, cookies, terms of use or privacy policies. Spaces around lines go. A line with "{" or "lorem ipsum" stays, for `C4PageFilter` to
    judge.

    A line may end in the mark of any script, with closing quotes after it, or in a letter of a script that has none, as Thai, and needs no spaces.
    """

    source = "C4 (Raffel et al. 2020)"
    asks = ("strip lines without a full stop", "T5 style line cleaning", "reduce pages to proper sentences")

    input_text = Input(str)

    strict: bool = Field(False, description="As published: the marks of English only, and words between spaces.")

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return keep_c4_lines(text, every_script=not self.strict)
