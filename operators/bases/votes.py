"""Asking the same question several times, and counting the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Self, TypeAlias, TypeVar

from pydantic import Field, model_validator

from operators.asking.conversation import Answered
from operators.asking.serving import LLMSession
from operators.core.llm import AsksLLM
from operators.tables.errors import RowFailed

Value = TypeVar("Value")
Outcome: TypeAlias = Literal["majority", "no majority", "tie", "too few votes", "no votes"]


@dataclass(frozen=True, slots=True)
class Vote(Generic[Value]):
    """How often each answer was given. `winner` is None unless the outcome is "majority"."""

    outcome: Outcome
    winner: Value | None
    votes: tuple[tuple[Value, int], ...]
    """The different answers with their votes, those of most votes first; of equals the one that came first."""
    abstained: int
    """Samples that gave no answer. They are no votes."""

    @property
    def share(self) -> float:
        """Of the votes, those for the answer of most votes; 0 where there are none."""
        cast = sum(count for _, count in self.votes)
        return self.votes[0][1] / cast if cast else 0.0


def count_votes(
    answers: Sequence[Value | None], needed: float = 0.5, alike: Callable[[Value, Value], bool] | None = None, least: int = 1
) -> Vote[Value]:
    """What several answers to one question come to. None is no vote.

    Args:
        answers: in the order of their samples.
        needed: the share of the votes that the winner must exceed; 0 lets the answer of most votes win.
        alike: whether two answers say the same (1/2 and 0.5); equal answers where not given. An answer joins those to all of which it is like: 28 and
            0.28 do not vote together because 28% may be either.
        least: so many votes the winner must have, where so many answers were asked for: one answer beside three blanks is no majority.

    >>> count_votes(["4", "5", "4", None])
    Vote(outcome='majority', winner='4', votes=(('4', 2), ('5', 1)), abstained=1)
    >>> count_votes(["4", "5"]).outcome, count_votes(["4", "4", "5", "6"]).outcome, count_votes([None]).outcome
    ('tie', 'no majority', 'no votes')
    >>> count_votes(["4", None, None], least=2).outcome
    'too few votes'
    """
    given = [answer for answer in answers if answer is not None]
    votes = tuple(sorted(_grouped(given, alike), key=lambda vote: -vote[1]))
    cast = sum(count for _, count in votes)
    abstained = len(answers) - cast
    if not votes:
        return Vote("no votes", None, votes, abstained)
    if len(votes) > 1 and votes[1][1] == votes[0][1]:
        return Vote("tie", None, votes, abstained)
    if votes[0][1] <= needed * cast:
        return Vote("no majority", None, votes, abstained)
    if votes[0][1] < min(least, len(answers)):
        return Vote("too few votes", None, votes, abstained)
    return Vote("majority", votes[0][0], votes, abstained)


def _grouped(answers: Sequence[Value], alike: Callable[[Value, Value], bool] | None) -> list[tuple[Value, int]]:
    """The different answers with their votes, in the order in which they came; who votes together does not depend on it."""
    places: list[list[int]] = []
    for place, answer in enumerate(answers):
        same = next((known for known in places if answers[known[0]] == answer), None)
        if same is None:
            places.append([place])
        else:
            same.append(place)
    groups: list[list[int]] = []
    for mine in sorted(places, key=lambda found: (-len(found), _text(answers[found[0]]))):
        answer = answers[mine[0]]
        joined = next((group for group in groups if alike and all(alike(known, answer) for known in _different(answers, group))), None)
        if joined is None:
            groups.append(list(mine))
        else:
            joined += mine
    return [(answers[min(group)], len(group)) for group in sorted(groups, key=min)]


def _text(answer: object) -> str:
    return answer if isinstance(answer, str) else ""


def _different(answers: Sequence[Value], group: Sequence[int]) -> list[Value]:
    different: list[Value] = []
    for place in sorted(group):
        if answers[place] not in different:
            different.append(answers[place])
    return different


class DrawsSamples(AsksLLM, abstract=True):
    """Asks the same question `samples` times. At temperature 0 all answers would be the same, so that several need a temperature above."""

    samples: int = Field(1, ge=1, le=1000, description="How often to ask the same question; more than once needs a temperature above 0.")

    @model_validator(mode="after")
    def _different_samples(self) -> Self:
        if self.samples > 1 and self.temperature == 0:
            raise ValueError(f"samples={self.samples} at temperature 0 are the same answer {self.samples} times: give a temperature, such as 0.7")
        return self

    async def draw_samples(self, llm: LLMSession, values: Mapping[str, Any], **further: Any) -> list[Answered[Any] | None]:
        """The answers in the order of their numbers; None for a sample that failed. `further` are those of `answered`.

        Raises:
            RowFailed: every sample failed; this is what the first said.
        """
        asked = (self.answered(llm, values, sample=sample, **further) for sample in range(self.samples))
        drawn = await asyncio.gather(*map(_or_failure, asked))
        failures = [one for one in drawn if isinstance(one, RowFailed)]
        if len(failures) == self.samples:
            raise failures[0]
        return [one if isinstance(one, Answered) else None for one in drawn]


async def _or_failure(asked: Any) -> Answered[Any] | RowFailed:
    try:
        answered: Answered[Any] = await asked
        return answered
    except RowFailed as failed:
        return failed
