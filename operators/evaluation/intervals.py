"""How sure a mean is, and whether two models differ: bootstrap intervals and McNemar's exact test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
_MOST_DIFFERENT: Final = 1000
"""Of more different values, neighbours are drawn together as their mean: the interval changes in its last digits, the time does not grow."""


class Interval(NamedTuple):
    """A mean with the interval in which it lies with the given confidence."""

    mean: float
    low: float
    high: float


def bootstrap(values: Sequence[float] | Numbers, seed: int, resamples: int = 2000, confidence: float = 0.95) -> Interval | None:
    """The mean of the values with its percentile bootstrap interval; None where there are no values.

    How often each different value is drawn is drawn at once, from the multinomial distribution: the same as to draw the values one by one, and it
    does not depend on their order. Source: Efron and Tibshirani (1993).

    >>> bootstrap([1, 1, 1], seed=0), bootstrap([], seed=0)
    (Interval(mean=1.0, low=1.0, high=1.0), None)
    """
    given = np.asarray(values, np.float64)
    if not len(given):
        return None
    different, counts = np.unique(given, return_counts=True)
    if len(different) > _MOST_DIFFERENT:
        groups = np.array_split(np.sort(given), _MOST_DIFFERENT)
        different, counts = np.array([group.mean() for group in groups]), np.array([len(group) for group in groups])
    means = _resampled_means(different, counts, seed, resamples)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(different @ counts / len(given)), float(low), float(high))


def _resampled_means(different: Numbers, counts: Any, seed: int, resamples: int) -> Numbers:
    total = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(total, counts / total, size=resamples)
    return np.asarray(drawn @ different / total)


def of_share(right: Sequence[bool], seed: int, resamples: int = 2000, confidence: float = 0.95) -> Interval | None:
    """The share of right answers with its interval. Where all are right, or none, every resample is the same and would promise certainty: then the
    interval is the exact one (Clopper and Pearson 1934).

    >>> of_share([True] * 10, seed=0)
    Interval(mean=1.0, low=0.6915028921812392, high=1.0)
    """
    found = bootstrap([float(one) for one in right], seed, resamples, confidence)
    if found is None or found.mean not in (0.0, 1.0):
        return found
    edge = ((1 - confidence) / 2) ** (1 / len(right))
    return Interval(1.0, edge, 1.0) if found.mean else Interval(0.0, 0.0, 1 - edge)


def mcnemar_exact(only_first: int, only_other: int) -> float:
    """The probability of a split as uneven as this one, or more, where both models are equally good: two-sided, exact. 1 where they never differ.

    Args:
        only_first: questions that the first model has right and the other wrong.
        only_other: the reverse.

    Source: McNemar (1947), with the binomial distribution in place of chi-squared.

    >>> mcnemar_exact(0, 0), mcnemar_exact(1, 5), round(mcnemar_exact(12, 30), 4)
    (1.0, 0.21875, 0.008)
    """
    differ = only_first + only_other
    tail = term = 1
    for place in range(min(only_first, only_other)):
        term = term * (differ - place) // (place + 1)
        tail += term
    return float(min(1, 2 * tail / 2**differ))
