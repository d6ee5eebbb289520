"""The words of pytest that single tests use (raises, approx, fail, mark.parametrize), for tests that import it where it is not in the sandbox."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

Function = Callable[..., Any]


class Raises:
    """`with raises(ValueError, match="empty") as caught:`; what was raised is `caught.value`."""

    def __init__(self, expected: type[BaseException] | tuple[type[BaseException], ...], match: str | None = None) -> None:
        self.expected = expected
        self.match_text = match
        self.value: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> bool:
        if error is None:
            raise AssertionError(f"{self.expected} was not raised")
        if not isinstance(error, self.expected):
            return False
        self.value = error
        if self.match_text is not None and re.search(self.match_text, str(error)) is None:
            raise AssertionError(f"{str(error)!r} does not match {self.match_text!r}")
        return True

    @property
    def type(self) -> Any:
        return type(self.value)


def raises(expected: Any, *called: Any, match: str | None = None, **named: Any) -> Raises:
    context = Raises(expected, match)
    if called:
        with context:
            called[0](*called[1:], **named)
    return context


class Approximately:
    """Equals numbers, and lists and dicts of numbers, that are near: within `rel` of the expected (1e-6), or `abs` (1e-12)."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, expected: Any, rel: float | None = None, abs: float | None = None, nan_ok: bool = False) -> None:  # noqa: A002
        self.expected = expected
        self.relative = rel if rel is not None else (0.0 if abs is not None else 1e-6)
        self.absolute = abs if abs is not None else 1e-12
        self.nan_ok = nan_ok

    def __eq__(self, other: object) -> bool:
        return self._near(other, self.expected)

    def __repr__(self) -> str:
        return f"approximately {self.expected!r}"

    def _near(self, got: Any, expected: Any) -> bool:
        if isinstance(expected, Mapping):
            return isinstance(got, Mapping) and got.keys() == expected.keys() and all(self._near(got[key], expected[key]) for key in expected)
        if isinstance(expected, list | tuple):
            return isinstance(got, list | tuple) and len(got) == len(expected) and all(map(self._near, got, expected))
        if isinstance(got, complex) or isinstance(expected, complex):
            return isinstance(got, int | float | complex) and abs(got - expected) <= max(self.relative * abs(expected), self.absolute)
        if not isinstance(got, int | float) or not isinstance(expected, int | float):
            return bool(got == expected)
        if math.isnan(expected):
            return self.nan_ok and math.isnan(got)
        return got == expected or abs(got - expected) <= max(self.relative * abs(expected), self.absolute)


def fail(reason: str = "") -> None:
    raise AssertionError(reason)


def parametrize(names: str | Sequence[str], values: Iterable[Any], **_: Any) -> Callable[[Function], Function]:
    """The test is called with each of the values, one after the other."""
    keys = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    cases = [dict(zip(keys, value if len(keys) > 1 else (value,), strict=True)) for value in values]

    def decorate(function: Function) -> Function:
        def each(**given: Any) -> None:
            for case in cases:
                function(**given, **case)

        return each

    return decorate


class _Marks:
    """mark.parametrize; other marks leave a test as it is."""

    parametrize = staticmethod(parametrize)

    def __getattr__(self, name: str) -> Any:
        def mark(*arguments: Any, **named: Any) -> Any:
            return arguments[0] if len(arguments) == 1 and not named and callable(arguments[0]) else lambda function: function

        return mark


def as_module() -> types.ModuleType:
    module = types.ModuleType("pytest")
    module.__dict__.update(raises=raises, approx=Approximately, fail=fail, mark=_Marks(), main=lambda *_: 0)
    module.__dict__["param"] = lambda *values, **_: values if len(values) > 1 else values[0]
    return module
