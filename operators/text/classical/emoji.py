"""Emoji, by the sequences of Unicode UTS #51: joined families, flags, keycaps and skin tones go as a whole, so nothing broken stays."""

from __future__ import annotations

import re

from operators.core.kinds import Refine
from operators.tables.columns import Input

_ALWAYS = (
    "\u231a-\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd-\u25fe\u2600-\u2604\u260e\u2611\u2614-\u2615\u2618\u261d\u2620\u2622-\u2623\u2626\u262a\u262e-\u262f"
    "\u2638-\u263a\u2640\u2642\u2648-\u2653\u265f\u2668\u267b\u267e-\u267f\u2692-\u2697\u2699\u269b-\u269c\u26a0-\u26a1\u26a7\u26aa-\u26ab\u26b0-\u26b1"
    "\u26bd-\u26be\u26c4-\u26c5\u26c8\u26ce-\u26cf\u26d1\u26d3-\u26d4\u26e9-\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702\u2705\u2708-\u270d\u270f\u2712"
    "\u271d\u2721\u2728\u2733-\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2764\u2795-\u2797\u27a1\u27b0\u27bf\u2b1b-\u2b1c\u2b50\u2b55"
    "\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201\U0001f21a\U0001f22f\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250-\U0001f251"
    "\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7f0\U0001f90c-\U0001f93a\U0001f93c-\U0001f945\U0001f947-\U0001f9ff\U0001fa70-\U0001faff"
)
"""Characters that are pictures by default, and the pictures of the block of miscellaneous symbols."""

_WITH_SELECTOR = (
    "\xa9\xae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9-\u21aa\u2328\u23cf\u23ed-\u23ef\u23f1-\u23f2\u23f8-\u23fa\u24c2\u25aa-\u25ab\u25b6\u25c0\u25fb-\u25fc"
    "\u2660\u2663\u2665-\u2666\u2714\u2716\u2934-\u2935\u2b05-\u2b07\u3030\u303d\u3297\u3299\U0001f170-\U0001f171\U0001f17e-\U0001f17f\U0001f202\U0001f237"
)
"""Characters that are text (©, ™, arrows, ✔, card suits, bullets) unless U+FE0F follows."""

_PICTURE = rf"(?:[{_ALWAYS}]\ufe0f?|[{_WITH_SELECTOR}]\ufe0f)[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
_EMOJI = rf"(?:{_PICTURE}(?:\u200d{_PICTURE})*\u200d?|[\U0001f1e6-\U0001f1ff]{{1,2}}|[0-9#*]\ufe0f?\u20e3)"
_WITH_SPACES = re.compile(rf"([ ]?)\u200d?{_EMOJI}(?:[ ]?{_EMOJI})*([ ]?)")


class RemoveEmoji(Refine):
    """Remove emoji and the space that they leave. Symbols that are text by default (©, ™, →, ✔) stay, as do ASCII emoticons."""

    covers = ("RemoveEmojiRefiner",)
    source = "Unicode UTS #51"
    asks = ("strip emojis from chats", "get rid of pictograms and hearts", "clean social media posts of emoji icons")

    input_text = Input(str)

    def refine(self, text: str) -> str:
        if text.isascii():
            return text
        without = _WITH_SPACES.sub(_space_left, text)
        while without != text:
            text, without = without, _WITH_SPACES.sub(_space_left, without)
        return text


def _space_left(match: re.Match[str]) -> str:
    """One of the spaces around what goes, where it still parts two things."""
    before, after = match.groups()
    at_start = match.start() == 0 or match.string[match.start() - 1] == "\n"
    if before and after:
        return " "
    return after if after and not at_start else ""
