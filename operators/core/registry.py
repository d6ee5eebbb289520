"""Every operator and every domain, found by importing: nothing has to be listed by hand.

`load()` imports the domains, and the modules that extensions declare under the entry point group "dataflow.operators" (see extensions.py).
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from operators.core import extensions
from operators.core.operator import Operator, registered
from operators.engine.step import Kind
from operators.tables.errors import ParameterError, Problem, closest

_OPERATORS = Path(__file__).parents[1]
_WITHOUT_OPERATORS = frozenset(
    "tables asking sandboxes databases document_model retrieval web fingerprint kernels engine pipeline bases testing".split()
)
"""Folders whose modules define none: floors below the domains, and what tests use."""


@functools.cache
def load() -> None:
    """Import everything that may define operators."""
    for folder in pkgutil.iter_modules([str(_OPERATORS)], "operators."):
        if folder.name.removeprefix("operators.") not in _WITHOUT_OPERATORS:
            package = importlib.import_module(folder.name)
            for found in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{folder.name}."):
                importlib.import_module(found.name)
    for name, owner, point in extensions.entry_points(extensions.OPERATORS):
        before = dict(registered)
        if extensions.load_one(extensions.OPERATORS, name, owner, point) is None:
            registered.clear()  # nothing of a package that could not be loaded whole
            registered.update(before)


def all_operators() -> list[type[Operator]]:
    """Every operator installed, by domain and name."""
    load()
    return sorted(registered.values(), key=lambda cls: (domain(cls), cls.__name__))


def examples(kind: Kind | None = None) -> Iterator[Operator]:
    """One instance of every operator (of a kind), with its example parameters."""
    for cls in all_operators():
        if kind is None or cls.kind == kind:
            yield cls(**cls.example)


def domain(cls: type[Operator]) -> str:
    """The folder that the operator stands in: "text", "math"; the top package for an extension."""
    parts = cls.__module__.split(".")
    if parts[:2] == ["operators", "core"]:
        return "generic"
    return parts[1] if parts[0] == "operators" and len(parts) > 1 else parts[0]


def find(name: str) -> type[Operator]:
    """The operator of this name, or the one that covers this reference name.

    Raises:
        ParameterError: there is none; the message gives the closest names.
    """
    if name in registered:  # without importing all others, where its module was imported
        return registered[name]
    load()
    if name in registered:
        return registered[name]
    covering = [cls for cls in registered.values() if name in cls.covers]
    if covering:
        return covering[0]
    names = {*registered, *(covered for cls in registered.values() for covered in cls.covers)}
    raise ParameterError([Problem(f'no operator is named "{name}"', suggestion=closest(name, names) or "dataflow operators list shows them all")])


def build(description: Mapping[str, Any]) -> Operator:
    """The operator that `Operator.as_dict` described: {"operator": name, parameter: value, ...}."""
    if "operator" not in description:
        raise ParameterError([Problem(f"an operator is described by a mapping with its name under 'operator', not {dict(description)!r}")])
    parameters = {name: value for name, value in description.items() if name != "operator"}
    return find(str(description["operator"]))(**parameters)
