"""Web addresses in text."""

from __future__ import annotations

import re

import pyarrow as pa
from pydantic import Field

from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input

_CHARACTER = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"
_URL = rf"(?:(?:https?|ftp)://{_CHARACTER}+|\bwww\.[A-Za-z0-9-]+\.{_CHARACTER}+)"
_TARGET = r"<?(?:https?://|ftp://|www\.)[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*>?(?:\s+\"[^\"\n]*\")?"
_ANY_URL = re.compile(
    rf"(?P<before>[ ]?)(?:(?P<link>!?\[(?P<label>[^\[\]\n]*)\]\(\s*{_TARGET}\s*\))|(?P<autolink><{_URL}>)|(?P<bare>{_URL}))(?P<after>[ ]?)",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'*_~"
_BRACKETS = {")": "(", "]": "["}
_MOST_ROUNDS = 8


class RemoveUrls(Refine):
    """Remove web addresses (http, https, ftp, www), and nothing around them: a Markdown link leaves its label, a sentence its full stop and
    brackets."""

    covers = ("HtmlUrlRemoverRefiner",)
    source = "RFC 3986 for the characters of a URL"
    asks = ("strip links from posts", "delete web links from tweets", "get rid of hyperlinks")

    input_text = Input(str)
    replacement: str = Field("", description='What stands in for an address, for example "[URL]".')

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, r"(?i)://|www\.", self._remove)

    def _remove(self, text: str) -> str:
        for _ in range(_MOST_ROUNDS):
            without = _ANY_URL.sub(self._stand_in, text)
            if without == text:
                break
            text = without
        return text

    def _stand_in(self, match: re.Match[str]) -> str:
        left = self.replacement
        if match["link"]:
            left = match["label"] or left
        elif match["bare"]:
            left += after_url(match["bare"])
        before, after = match["before"], match["after"]
        if left:
            return before + left + after if left == self.replacement or match["link"] else before.rstrip() + left + after
        at_start = match.start() == 0 or match.string[match.start() - 1] == "\n"
        if before and after:
            return " "
        return after if after and not at_start else ""


def after_url(url: str) -> str:
    """The end of a match that belongs to the sentence: punctuation, and closing brackets that were not opened inside."""
    end = len(url)
    while end and (
        url[end - 1] in _TRAILING or (url[end - 1] in _BRACKETS and url.count(url[end - 1], 0, end) > url.count(_BRACKETS[url[end - 1]], 0, end))
    ):
        end -= 1
    return url[end:]
