"""English contractions, written out."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

import pyarrow as pa
from pydantic import Field

from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input

_WHOLE: Final = {
    "can't": "cannot",
    "won't": "will not",
    "shan't": "shall not",
    "ain't": "is not",
    "let's": "let us",
    "y'all": "you all",
    "ma'am": "madam",
    "o'clock": "o'clock",
    "'tis": "it is",
    "'twas": "it was",
}
_IS: Final = ("it", "that", "what", "where", "there", "here", "he", "she", "who", "how", "when", "why")
"""Before "'s" these are "is"; a noun's "'s" may be a possessive and stays."""

_PRONOUNS: Final = ("i", "you", "he", "she", "it", "we", "they", "that", "there", "who")
_ENDINGS: Final = {"'m": " am", "'re": " are", "'ve": " have", "'ll": " will"}

_CONTRACTION = re.compile(
    rf"(?<![\w'’])(?:(?P<whole>{'|'.join(_WHOLE)})"
    r"|(?P<verb>is|are|was|were|do|does|did|has|have|had|could|would|should|must|might|need|ought)(?P<negated>n't)"
    rf"|(?P<subject>{'|'.join(_IS)})(?P<is>'s)"
    rf"|(?P<pronoun>{'|'.join(_PRONOUNS)}|should|could|would|might|must)(?P<ending>'m|'re|'ve|'ll))(?![\w'’])",
    re.IGNORECASE,
)

_QUOTATION = re.compile(r"“[^“”\n]*”|„[^“”\n]*[“”]|«[^«»\n]*»|(?<!\w)\"(?=\S)[^\"\n]*(?<=\S)\"(?!\w)")


class ExpandContractions(Refine):
    """Write English contractions out: "don't" to "do not", "it's" to "it is", "we'll" to "we will", with the case that they have.

    What cannot be told from its form stays: "'d" (had or would), and "'s" after a noun (is, has or a possessive). So does what stands in quotation
    marks, since people speak so, unless `quotations`.
    """

    covers = ("RemoveContractionsRefiner",)
    asks = ("turn don't into do not", "spell out short forms like I'm", "undo apostrophe abbreviations")

    input_text = Input(str)
    quotations: bool = Field(False, description="Expand in quotation marks as well, which changes the tone of dialogue.")

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, "['\u2019]", self._expand)

    def _expand(self, text: str) -> str:
        plain = text.replace("\u2019", "'")  # same length: places in one are places in the other
        spoken = [] if self.quotations else [place for match in _QUOTATION.finditer(text) for place in match.span()]
        parts, at = [], 0
        for match in _CONTRACTION.finditer(plain):
            if bisect_right(spoken, match.start()) % 2:  # after a start and before its end
                continue
            parts += [text[at : match.start()], _expanded(match)]
            at = match.end()
        return "".join([*parts, text[at:]]) if parts else text


def _expanded(match: re.Match[str]) -> str:
    found = match.group()
    if match["whole"]:
        long = _WHOLE[found.lower()]
        return found if long == found.lower() else _as_written(found, long)
    if match["negated"]:
        return match["verb"] + (" NOT" if match["negated"].isupper() else " not")
    if match["is"]:
        return match["subject"] + (" IS" if match["is"].isupper() and match["subject"].isupper() else " is")
    ending = _ENDINGS[match["ending"].lower()]
    return match["pronoun"] + (ending.upper() if match["ending"].isupper() else ending)


def _as_written(found: str, long: str) -> str:
    letters = [character for character in found if character.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return long.upper()
    return long[0].upper() + long[1:] if letters[0].isupper() else long
