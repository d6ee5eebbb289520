"""Every operator and every domain, found by importing: nothing has to be listed by hand.

An operator registers itself when its class is defined. `load()` imports the packages beside `operators.core` and the packages that extensions
declare under the entry point group "dataflow.operators", so that everything installed is known.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

from operators.core.errors import ParameterError, Problem, closest

if TYPE_CHECKING:
    from operators.core.operator import Kind, Operator

ENTRY_POINT_GROUP = "dataflow.operators"

_operators: dict[str, type[Operator]] = {}


def register(cls: type[Operator]) -> None:
    """Make a class known by its name. Called for every concrete operator; defining the same class again (a reload) replaces it."""
    known = _operators.get(cls.__name__)
    if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__) and "<locals>" not in cls.__qualname__:
        raise TypeError(f"two operators are named {cls.__name__}: {known.__module__} and {cls.__module__}. Rename one.")
    if "<locals>" not in cls.__qualname__:
        _operators[cls.__name__] = cls


@functools.cache
def load() -> None:
    """Import everything that may define operators."""
    importlib.import_module("operators.core.sequential")
    package = importlib.import_module("operators")
    for module in pkgutil.walk_packages(package.__path__, "operators."):
        if not module.name.startswith(("operators.core", "operators.kernels")):
            importlib.import_module(module.name)
    for entry_point in metadata.entry_points(group=ENTRY_POINT_GROUP):
        entry_point.load()


def all_operators() -> list[type[Operator]]:
    """Every operator installed, by domain and name."""
    load()
    return sorted(_operators.values(), key=lambda cls: (domain(cls), cls.__name__))


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
    load()
    if name in _operators:
        return _operators[name]
    covering = [cls for cls in _operators.values() if name in cls.covers]
    if covering:
        return covering[0]
    names = {*_operators, *(covered for cls in _operators.values() for covered in cls.covers)}
    raise ParameterError([Problem(f'no operator is named "{name}"', suggestion=closest(name, names) or "dataflow operators list shows them all")])


def build(description: Mapping[str, Any]) -> Operator:
    """The operator that `Operator.as_dict` described: {"operator": name, parameter: value, ...}."""
    if "operator" not in description:
        raise ParameterError([Problem(f"an operator is described by a mapping with its name under 'operator', not {dict(description)!r}")])
    parameters = {name: value for name, value in description.items() if name != "operator"}
    return find(str(description["operator"]))(**parameters)
