"""The gate for numbers from outside: what a server sends is a number in its range, or counts as not sent, or as malformed."""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping
from typing import Any

MOST_COUNTED = 2**53
"""Above it JSON's numbers are not exact, and sums of some hundreds no longer fit into 64 bits."""
LONGEST_DELAY = 86_400.0
"""Seconds. Who names a longer one cannot mean this run: it counts as not said."""

_SECONDS = re.compile(r"[0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18}")
_DURATION = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m(?!s))?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)s)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)ms)?")


def count_of(value: Any) -> int | None:
    """A count from JSON; None where there is none. `12.0` counts as 12.

    Raises:
        ValueError: a number outside 0 to 2^53, or with a fraction.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= MOST_COUNTED or value != int(value):
        raise ValueError(f"{value!r} is no count")
    return int(value)


def seconds_between(start: Any, end: Any) -> float | None:
    """From one UNIX time of a server to another; None where one is missing or they make no sense."""
    if not all(isinstance(time, int | float) and not isinstance(time, bool) and math.isfinite(time) for time in (start, end)):
        return None
    seconds = float(end) - float(start)
    return seconds if 0 <= seconds <= 100 * LONGEST_DELAY else None


def log_probability_of(value: Any) -> float:
    """The natural logarithm of a probability.

    Raises:
        ValueError: not a number, or of a probability above 1 (a hair above 0 is a rounding error) or of 0.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value > 1e-3:
        raise ValueError(f"{value!r} is no log-probability")
    return min(0.0, float(value))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait: `retry-after-ms`, or `Retry-After` in seconds, as a duration ("1m30s") or as a date; None for nonsense."""
    given = {name.lower(): value for name, value in headers.items() if name.lower() in ("retry-after", "retry-after-ms")}
    milliseconds = delay_of(given.get("retry-after-ms"))
    return milliseconds / 1000 if milliseconds is not None else delay_of(given.get("retry-after"), dates=True)


def delay_of(value: Any, dates: bool = False) -> float | None:
    """A delay as it was written, in the units that it was written in where it is a plain number. None for nonsense, also for more than a day."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _possible(float(value))
    if not isinstance(value, str) or len(value) > 100:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return _possible(float(text))
    if text and (parts := _DURATION.fullmatch(text)):
        hours, minutes, seconds, milliseconds = (float(part or 0) for part in parts.groups())
        return _possible(3600 * hours + 60 * minutes + seconds + milliseconds / 1000)
    return _until(text) if dates else None


def _possible(seconds: float) -> float | None:
    """`retry-after-ms` comes here in milliseconds: up to 86 seconds of them, which is no shorter than anybody waits."""
    return seconds if 0 <= seconds <= LONGEST_DELAY else None


def _until(date: str) -> float | None:
    """Seconds until a date as HTTP writes it."""
    try:
        parsed = email.utils.parsedate_tz(date)
        seconds = None if parsed is None else email.utils.mktime_tz(parsed) - time.time()
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
    return None if seconds is None else _possible(max(0.0, seconds))
