"""Statistics that remember what they are called and what they were compared with, so that a rule can say why it dropped a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from operators.kernels.arrow_text import Mask
from operators.kernels.text_statistics import TextStatistics
from operators.tables.numbers import exact_number, number_beside

Values = np.ndarray[Any, np.dtype[Any]]

_BELOW = {"greater": "not above", "greater_equal": "below"}
_ABOVE = {"less": "not below", "less_equal": "above"}
_FAILED = {**_BELOW, **_ABOVE, "equal": "not", "not_equal": "which is"}


class NamedFloat(float):
    """A parameter that knows what it is called."""

    name: str


class NamedInt(int):
    """A parameter that knows what it is called."""

    name: str


def named_parameter(name: str, value: Any) -> Any:
    """A number, or a tuple of them, that knows its name; anything else as it is."""
    if isinstance(value, tuple):
        return tuple(named_parameter(f"{name}[{place}]", part) for place, part in enumerate(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    named = NamedFloat(value) if isinstance(value, float) else NamedInt(value)
    named.name = name
    return named


@dataclass
class Comparison:
    """`values` were compared with `bound`; where `passed` is false, that speaks against the text."""

    name: str
    values: Values
    relation: str
    bound: Any
    passed: Mask


@dataclass
class Log:
    """What a rule looked at."""

    read: dict[str, Values] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)


class Measure(np.ndarray):
    """A numpy array with a name. Comparing it gives a plain mask and is logged; dividing by zero gives 0: a text without words has no share of bad
    words."""

    name: str
    log: Log

    @classmethod
    def of(cls, values: Values, name: str, log: Log) -> Measure:
        measure = np.asarray(values).view(cls)
        measure.name, measure.log = name, log
        return measure

    def __array_finalize__(self, other: Any) -> None:
        self.name, self.log = getattr(other, "name", ""), getattr(other, "log", Log())

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(value) if isinstance(value, Measure) else value for value in inputs]
        if method != "__call__" or options:
            return getattr(ufunc, method)(*plain, **options)
        if ufunc is np.true_divide:
            whole = np.broadcast_to(plain[1], len(self))
            result = np.divide(plain[0], whole, out=np.zeros(len(self)), where=whole != 0)
        else:
            result = ufunc(*plain)
        names = [value.name if isinstance(value, Measure) else _number(value) for value in inputs]
        if ufunc.__name__ in _FAILED and len(inputs) == 2 and isinstance(inputs[0], Measure):
            self.log.comparisons.append(Comparison(inputs[0].name, plain[0], ufunc.__name__, inputs[1], result))
            return result.copy()  # a rule may go on in place: mask &= ...
        return Measure.of(result, _OPERATIONS[ufunc.__name__](*names), self.log) if ufunc.__name__ in _OPERATIONS else result


_OPERATIONS: Mapping[str, Callable[..., str]] = {
    "divide": lambda part, whole: f"{_bracketed(part)} / {_bracketed(whole)}",
    "add": lambda left, right: f"{left} + {right}",
    "subtract": lambda left, right: f"{left} - {right}",
    "multiply": lambda left, right: f"{left} * {right}",
    "maximum": lambda left, right: f"max({left}, {right})",
    "minimum": lambda left, right: f"min({left}, {right})",
}


def _bracketed(name: str) -> str:
    return f"({name})" if " " in name else name


class MeasuredStatistics:
    """`TextStatistics` whose attributes are `Measure`s. A statistic of chosen words, phrases or lengths is named after its method."""

    def __init__(self, statistics: TextStatistics, log: Log) -> None:
        self._statistics, self._log = statistics, log

    @classmethod
    def of(cls, statistics: TextStatistics, log: Log) -> TextStatistics:
        """To a rule it is what it stands for."""
        return cast(TextStatistics, cls(statistics, log))

    def __len__(self) -> int:
        return len(self._statistics)

    def filter(self, mask: Mask) -> TextStatistics:
        """The plain statistics of some rows."""
        return self._statistics.filter(mask)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._statistics, name)
        if callable(value):
            return lambda *arguments: self.measured(name, value(*arguments))
        return self.measured(name, value)

    def measured(self, name: str, value: Any) -> Any:
        """A value, or each part of a tuple, that knows its name."""
        if isinstance(value, tuple):
            parts = (self.measured(f"{name}.{part}", values) for part, values in value._asdict().items())  # type: ignore[attr-defined]
            return type(value)(*parts)
        self._log.read[name] = value
        return Measure.of(value, name, self._log)


def measured(text: TextStatistics, name: str, values: Values) -> Values:
    """Something computed from the statistics that a rule was given, with the name that a reason is to state it under."""
    given: object = text
    if not isinstance(given, MeasuredStatistics):
        return values
    measure: Values = given.measured(name, values)
    return measure


def explain(rule: str, log: Log, keep: Mask) -> list[str | None]:
    """For each row that is not kept, why: each comparison that failed, or, where the rule is none of comparisons, all that it read."""
    reasons: list[str | None] = [None] * len(keep)
    dropped = ~keep
    for comparison in log.comparisons:
        rows = np.flatnonzero(dropped & ~comparison.passed).tolist()
        for row, failure in zip(rows, _failures(comparison, rows), strict=True):
            before = reasons[row]
            reasons[row] = f"{rule}: {failure}" if before is None else f"{before}; {failure}"
    for row in np.flatnonzero(dropped).tolist():
        if reasons[row] is None:
            reasons[row] = f"{rule}: " + ", ".join(f"{name} = {_number(values[row])}" for name, values in log.read.items())
    return reasons


def _failures(comparison: Comparison, rows: list[int]) -> list[str]:
    """What is said of some rows for which a comparison failed."""
    bound = comparison.bound
    name = getattr(bound, "name", "")
    relation = _FAILED[comparison.relation] + (f" {name} =" if name else "")
    values = comparison.values[rows]
    if isinstance(bound, np.ndarray) and bound.ndim:
        limits = np.asarray(bound)[rows]
        shown = zip(_numbers(values, limits), limits.tolist(), strict=True)
        return [f"{comparison.name} = {value}, {relation} {_number(limit)}" for value, limit in shown]
    before, after = f"{comparison.name} = ", f", {relation} {_number(bound)}"
    return [f"{before}{value}{after}" for value in _numbers(values, np.full(len(rows), bound, float))]


def _numbers(values: Values, bounds: Values) -> list[str]:
    """The values as text; those that four digits would bring onto their bound, or over it, in more."""
    if values.dtype.kind != "f":
        return [str(value) for value in values.tolist()]
    shown = [f"{value:.4g}" for value in values.tolist()]
    for row in np.flatnonzero(np.abs(values - bounds) <= 1e-3 * np.abs(bounds)).tolist():
        shown[row] = number_beside(float(values[row]), float(bounds[row]))
    return shown


def _number(value: Any) -> str:
    return exact_number(float(value)) if isinstance(value, float | np.floating) else str(int(value) if isinstance(value, NamedInt) else value)
