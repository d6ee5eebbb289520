"""How the time of a function grows with the length of its text: what the tests of fault C10 measure.

The only tests that look at a clock, since that is what they are about: at the processor time of this thread, the least of several tries. Other work
on the machine, or on the machine that it is a guest of, only adds to it: up to four times as much was seen for some seconds. So a growth that looks
too fast has to go on for a text four times longer, in which chance makes less.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Final

LENGTHS: Final = (16_000, 64_000, 256_000)
"""Characters. The longest only of what is done with the one before too soon to tell."""
MOST_GROWTH: Final = 6
"""For four times the length."""
MOST_SECONDS_A_MEGABYTE: Final = 6.0
"""Three times what is wanted on a machine that does nothing else. What is superlinear is found by its growth."""
TOO_SHORT_TO_TELL: Final = 0.03
TRIES: Final = 4
MOST_TRIES: Final = 20
"""Of what looked slow in the first ones."""
CLEARLY: Final = 1.25
"""How far from the limit the growth has to be for one try to do. A disturbance only adds time: what is fast enough once is fast enough, and a
growth with the square of the length, 16, looks like one below 4.8 only where the short text took three times too long."""

Timed = Callable[[str], float]
"""Text -> the seconds that it takes."""


def seconds(run: Callable[[], object]) -> float:
    """Processor time of this thread. Nobody looks for garbage meanwhile, as with timeit: that takes as long as the process holds much."""
    looked_for = gc.isenabled()
    gc.disable()
    try:
        started = time.thread_time()
        run()
        return time.thread_time() - started
    finally:
        if looked_for:
            gc.enable()


def is_slow(long: float, short: float, length: int) -> bool:
    return long > TOO_SHORT_TO_TELL and (long > MOST_GROWTH * short or long > MOST_SECONDS_A_MEGABYTE * length / 1e6)


def growth(timed: Timed, piece: str, fewer: int, length: int) -> tuple[float, float]:
    """The least time of the longer text and of the shorter one, of as many tries as it takes to tell."""
    long, short = timed(text(piece, length)), float("inf")
    for attempt in range(MOST_TRIES):
        beyond_doubt = long > 2 * MOST_GROWTH * short or not is_slow(long, short, length)
        if long <= TOO_SHORT_TO_TELL or (attempt >= TRIES and beyond_doubt):
            break
        short = min(short, timed(text(piece, fewer)))
        if not is_slow(long, short / CLEARLY, length):
            break
        long = min(long, timed(text(piece, length)))
    return long, short


def slowness(timed: Timed, piece: str) -> str | None:
    """How the time grows with the length of a text of `piece` again and again, where it does so too fast."""
    for fewer, length in pairwise(LENGTHS):
        long, short = growth(timed, piece, fewer, length)
        if is_slow(long, short, length):
            if is_slow(*growth(timed, piece, length, 4 * length), 4 * length):
                return f"{short:.3f} s for {fewer:,} characters, {long:.3f} s for {length:,}"
        elif long > TOO_SHORT_TO_TELL:
            return None
    return None


def text(piece: str, characters: int) -> str:
    return (piece * (characters // len(piece) + 1))[:characters]
