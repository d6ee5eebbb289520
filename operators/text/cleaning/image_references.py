"""References to images, and characters that no reader sees."""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from operators.bases.code_spans import code_spans, touches
from operators.bases.removing import remove
from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input

_ONE = (
    r"!\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\](?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\[\]\n]*\])"
    r"|<img\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>"
    r"|(?<![\w/.])(?:\./)?images?/[\w.-]+\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?)\b(?!\w)"
)
_IMAGES = re.compile(rf"(?:{_ONE})(?:[ ]+(?:{_ONE}))*", re.IGNORECASE)


class RemoveImageReferences(Refine):
    """Remove Markdown images, `<img>` tags and bare paths of extracted images (images/8f3a.jpg): nothing else. Code keeps its own."""

    covers = ("RemoveImageRefsRefiner",)
    source = "CommonMark 0.31, images"

    input_text = Input(str)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, r"(?i)!\[|<img|images?/", self._remove)

    def _remove(self, text: str) -> str:
        spans = code_spans(text)
        if not spans:
            return remove(_IMAGES, text)
        spans_of = cache(code_spans)  # what goes moves what follows: of each round's text once
        return remove(_IMAGES, text, lambda match: not touches(*match.span(), spans_of(match.string)))


_INVISIBLE = (
    r"[\x{00AD}\x{034F}\x{061C}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180E}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}"
    r"\x{2060}-\x{206F}\x{3164}\x{FEFF}\x{FFA0}\x{FFF0}-\x{FFFC}]"
)


class RemoveInvisibleCharacters(Refine):
    """Remove characters that show nothing: zero-width spaces, soft hyphens, byte order marks, direction overrides, fillers.

    The joiners (U+200C, U+200D) stay: Persian, the scripts of India and emoji are spelt with them.
    """

    source = "Unicode property Default_Ignorable_Code_Point"

    input_text = Input(str)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return pc.replace_substring_regex(text, _INVISIBLE, "")
