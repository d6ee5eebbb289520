"""What a model says, without what it thought before."""

from __future__ import annotations

import re
from typing import Final

_OPENS: Final = re.compile(
    r"\s*(?:<(?:think|thinking|thought|seed:think)>|\[THINK\]|◁think▷|<\|(?:begin_of_thought|START_THINKING)\|>|<\|channel\|>analysis<\|message\|>)",
    re.IGNORECASE,
)
_CLOSES: Final = re.compile(
    r"</(?:think|thinking|thought|seed:think)>|\[/THINK\]|◁/think▷|<\|(?:end_of_thought|END_THINKING)\|>"
    r"|<\|channel\|>final<\|message\|>|<\|end\|>\s{0,9}<\|start\|>assistant(?=<\|channel\|>commentary| to=)",
    re.IGNORECASE,
)


def without_thought(reply: str) -> str:
    """What stands behind the last thought; nothing where a thought at the beginning never ends, as in a reply that was cut off.

    >>> without_thought("<think>2 or 3?</think>3"), without_thought("2 or 3?</think>3"), without_thought("<think>It is 2. No, "), without_thought("3")
    ('3', '3', '', '3')
    """
    end = 0
    for closing in _CLOSES.finditer(reply):
        end = closing.end()
    return "" if _OPENS.match(reply, end) else reply[end:]
