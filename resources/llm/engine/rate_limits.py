"""Requests and tokens a minute, as the provider counts them: a debt that time pays back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from resources.llm.engine.rate_share import RateShare


class RateLimit:
    """`per_minute` units, spread evenly, with one second's worth at once. Shared by all sessions of a serving, whatever their event loop."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst_seconds = 1.0
        self._clock = clock
        self._paid_until = clock() - self._burst_seconds

    def reserve(self, units: float) -> float:
        """Take `units`; returns the seconds to wait before using them."""
        now = self._clock()
        starts = max(self._paid_until, now - self._burst_seconds)
        self._paid_until = starts + units / self._per_second
        return max(0.0, starts - now)

    def correct(self, units: float) -> None:
        """Take more, or with a negative number give back, now that the true count is known."""
        self._paid_until += units / self._per_second


class RateLimits:
    """RPM and TPM together. Tokens are estimated before a request and corrected after it."""

    _CHARACTERS_A_TOKEN = 4

    def __init__(self, rpm: float | None, tpm: float | None) -> None:
        self.share: RateShare | None = None
        """Of the processes among whom the rate is divided; None: this one has it alone."""
        self._requests = RateLimit(rpm) if rpm else None
        self._tokens = RateLimit(tpm) if tpm else None
        self._answer_tokens = 256.0
        """Running mean of what an answer takes."""

    @contextmanager
    def shared(self, folder: Path | None) -> Iterator[None]:
        """For as long as the context lasts the rate is divided among the processes that hold a file in this folder; with None it is this one's."""
        if folder is None or not self.active:
            yield
            return
        self.share = self.share or RateShare(folder)
        with self.share.held():
            yield

    @property
    def active(self) -> bool:
        return self._requests is not None or self._tokens is not None

    def reserve(self, prompt_characters: int) -> tuple[float, float]:
        """Seconds to wait, and the tokens that were estimated."""
        estimate = prompt_characters / self._CHARACTERS_A_TOKEN + self._answer_tokens
        count = 1 if self.share is None else self.share.count()
        waits = [self._requests.reserve(count) if self._requests else 0.0, self._tokens.reserve(count * estimate) if self._tokens else 0.0]
        return max(waits), estimate

    def correct(self, estimate: float, prompt_tokens: int, completion_tokens: int) -> None:
        self._answer_tokens += 0.1 * (completion_tokens - self._answer_tokens)
        if self._tokens:
            count = 1 if self.share is None else self.share.count()
            self._tokens.correct(count * (prompt_tokens + completion_tokens - estimate))
