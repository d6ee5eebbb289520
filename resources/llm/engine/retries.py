"""What is tried again, how often and when."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from operators.asking.answers import FailureKind
from resources.llm.answers.reply import BackendError
from resources.llm.settings.server import ServerSettings

_MOST_RETRIES: dict[FailureKind, int] = {"timeout": 2, "malformed": 2}
"""These cost the full time or the full price of an answer each."""
_LARGEST_EXPONENT = 60
"""No float holds the powers of many more attempts."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with full jitter; a server's Retry-After is the least, up to `retry_after_most` seconds."""

    retries: int
    base: float
    most: float
    random: random.Random = field(default_factory=random.Random)
    retry_after_most: float = 60.0

    @classmethod
    def of(cls, settings: ServerSettings) -> RetryPolicy:
        return cls(settings.retries, settings.retry_seconds, settings.retry_seconds_most, retry_after_most=settings.retry_after_most)

    def asked_for(self, error: BackendError) -> float:
        """Seconds that a server's wish is worth. One that names a longer time is asked again before: its wish may be a mistake, or another's."""
        return min(error.retry_after or 0.0, self.retry_after_most)

    def delay(self, error: BackendError, attempt: int, of_this_kind: int = 1) -> float | None:
        """Seconds to wait after the given attempt (from 1), which was the given failure of its kind (from 1), or None for no further one."""
        if not error.retryable or attempt > self.retries or of_this_kind > _MOST_RETRIES.get(error.kind, self.retries):
            return None
        return self.pause(error, attempt)

    def pause(self, error: BackendError, attempt: int) -> float:
        """Seconds to wait after the given attempt, however many there may be."""
        jittered = self.random.uniform(0, min(self.most, self.base * 2 ** min(attempt - 1, _LARGEST_EXPONENT)))
        return jittered + self.asked_for(error)
