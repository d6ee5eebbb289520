"""What a comparison of two answers comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Verdict: TypeAlias = Literal["equal", "different", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A verdict on two answers, and why."""

    verdict: Verdict
    reason: str

    @property
    def equal(self) -> bool:
        return self.verdict == "equal"


EQUAL: Final = Comparison("equal", "the same")
