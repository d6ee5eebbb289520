"""Emoticons of ASCII characters."""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa

from operators.bases.removing import remove
from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input

_FACES: Final = r"[<>]?[:;=][-o'^]?(?:\)+|\(+|[DPpOo3*]|/(?!/)|\\|\|)|\(+-?[:;=]|[:;]-[\[\]{}]|:'-?[()]"
_SIGNS: Final = r"[xX]-?D+|<3+|</3|\^[_.-]?\^|-_+-|T_T|[oO][_.][oO]|>_<|\\o/"
_ALONE = re.compile(rf"(?:(?<=\s)|^)(?:{_FACES}|{_SIGNS})(?:[ ]+(?:{_FACES}|{_SIGNS}))*(?=[\s.,!?]|$)")


class RemoveEmoticons(Refine):
    """Remove emoticons that stand alone, between spaces: ":-)", "xD", "<3", "^_^". Times, ratios, addresses and code ("3:30", "https://", "XPath",
    "f(x):)") stay."""

    covers = ("RemoveEmoticonsRefiner",)

    input_text = Input(str)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, r"[:;=xX<^_\\-]", lambda value: remove(_ALONE, value))
