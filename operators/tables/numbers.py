"""Numbers as reasons state them."""

from __future__ import annotations

_FEWEST, _MOST = 4, 17
"""Significant digits: 17 tell any two floats apart."""


def number_beside(value: float, bound: float, digits: int = _FEWEST) -> str:
    """The value in so many significant digits, or in more where it would be read as lying on the bound, or on its other side: 0.49999 beside 0.5,
    not 0.5."""
    for shown_digits in range(digits, _MOST):
        shown = f"{value:.{shown_digits}g}"
        read = float(shown)
        if (read > bound) == (value > bound) and (read < bound) == (value < bound):
            return shown
    return repr(float(value))


def exact_number(value: float) -> str:
    """A bound as it was given: 0.123456 stays so, 3.0 is 3."""
    short = f"{value:.{_FEWEST}g}"
    return short if float(short) == value else repr(value)
