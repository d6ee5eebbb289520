"""Which of two answers is better: asked in both orders, since models prefer a place as much as an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, Field

Verdict: TypeAlias = Literal["better", "equal", "worse"]


class Preference(BaseModel):
    """What a judge says of two answers, in the order in which it was shown them."""

    reason: str = Field(max_length=160, description="one sentence")
    better: Literal["first", "second", "equal"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The new answer against the old one, and why."""

    verdict: Verdict
    reason: str


_OF_NEW_SECOND: Final[dict[str, Verdict]] = {"first": "worse", "second": "better", "equal": "equal"}
_OF_NEW_FIRST: Final[dict[str, Verdict]] = {"first": "better", "second": "worse", "equal": "equal"}


async def compare(ask: Callable[[str, str], Awaitable[Preference]], old: str, new: str) -> Comparison:
    """Whether `new` is better than `old`: what `ask(first, second)` says in both orders. Where they contradict each other, the two are equal.

    A side that wins in one order and is equal in the other has won.

    Raises:
        RowFailed: one of the two requests failed.
    """
    old_first, new_first = await asyncio.gather(ask(old, new), ask(new, old))
    return settled(old_first, new_first)


def settled(old_first: Preference, new_first: Preference) -> Comparison:
    """What two judgements come to, one with the old answer first and one with the new answer first.

    >>> first = Preference(reason="the first is longer", better="first")
    >>> settled(first, first)
    Comparison(verdict='equal', reason='contradicts itself when the order is turned: the first is longer / the first is longer')
    """
    one, other = _OF_NEW_SECOND[old_first.better], _OF_NEW_FIRST[new_first.better]
    if {one, other} == {"better", "worse"}:
        return Comparison("equal", f"contradicts itself when the order is turned: {old_first.reason} / {new_first.reason}")
    return Comparison(other, new_first.reason) if one == "equal" else Comparison(one, old_first.reason)
