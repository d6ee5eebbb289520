"""Resources that a run was not given: opened as the environment says, by what the operators need.

Installed packages declare how each need is opened, under the entry point group "dataflow.resources": "llm", "embedding" and "database" are this
project's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

from operators.core import extensions
from operators.engine.step import need_of
from operators.tables.errors import ParameterError, Problem
from operators.tables.storage import Storage


class Needing(Protocol):
    def resource_names(self) -> Mapping[str, str]: ...


def openable_needs() -> set[str]:
    """The needs for which an installed package can open a resource. Nothing is imported or opened."""
    return {name for name, _, _ in extensions.entry_points(extensions.RESOURCES)}


def names_that_can_be_given(operators: Iterable[Needing], given: Collection[str] = (), tables: Iterable[Storage] = ()) -> set[str]:
    """The names of resources that a run of these operators on these tables would have: those given, of the tables, and those that would be opened."""
    operators = list(operators)
    return {
        *given,
        *resources_of_rows(operators, tables, given),
        *(name for name, need in _to_open(operators, given).items() if not why_it_does_not_open(need)),
    }


def why_it_does_not_open(need: str) -> str:
    """What is missing for a need that installed packages declare, with what to do; empty where nothing is, or nobody can say."""
    if not extensions.entry_points(extensions.RESOURCES):
        return "no installed package opens any resource: install this one (pip install -e .), being on the path is not enough"
    if need not in {name for name, _, _ in extensions.entry_points(extensions.RESOURCE_CHECKS)}:
        return ""
    check = extensions.load(extensions.RESOURCE_CHECKS).get(need)
    return str(check()) if check is not None else ""


def resources_of_rows(operators: Iterable[Needing], tables: Iterable[Storage], given: Collection[str] = ()) -> dict[str, Any]:
    """Name -> resource that these tables come with and that is not given, such as the databases that the rows are about.

    Raises:
        ParameterError: two tables come with different ones.
    """
    named = {name: need for name, need in _needed(operators) if name not in given}
    brought: dict[str, Any] = {}
    for table in tables:
        for need, resource in table.resources().items():
            if need in named.values() and brought.setdefault(need, resource) is not resource:
                raise ParameterError(
                    [Problem(f'two sources come with a "{need}" each', suggestion=f'say which is meant: resources={{"{need}": ...}}')]
                )
    return {name: brought[need] for name, need in named.items() if need in brought}


def open_resources(operators: Iterable[Needing], given: Mapping[str, Any] | None = None, tables: Iterable[Storage] = ()) -> dict[str, Any]:
    """Name -> resource of all that these operators need: from `given`, else of the `tables` that they work on, else opened; one for all names of
    the same need.

    Where any is given, a name of the user's own ("judge") is not opened: a misspelt name would ask another model than was meant. What is not
    opened is left out, and the runner says what is missing.
    """
    operators = list(operators)
    resources = dict(given or {})
    of_rows = resources_of_rows(operators, tables, resources)
    needed = {name: need for name, need in _to_open(operators, resources).items() if name not in of_rows}
    resources |= of_rows
    if not needed:
        return resources
    openers = extensions.load(extensions.RESOURCES)
    opened = {need: _open(need, openers[need]) for need in sorted(set(needed.values()) & openers.keys())}
    return {**resources, **{name: opened[need] for name, need in needed.items() if need in opened}}


def open_need(need: str) -> Any:
    """The resource of one need, opened by the installed package that declares it.

    Raises:
        ParameterError: no package does.
    """
    openers = extensions.load(extensions.RESOURCES)
    if need not in openers:
        details = (("needs", ", ".join(sorted(openers)) or "none"),)
        raise ParameterError([Problem(f'no installed package opens "{need}"', details=details, suggestion="install the package that brings it")])
    return _open(need, openers[need])


def _to_open(operators: Iterable[Needing], given: Collection[str]) -> dict[str, str]:
    """Name -> need, of what is not given and can be opened."""
    needs = openable_needs()
    needed = {name: need for name, need in _needed(operators) if need in needs and name not in given}
    return {name: need for name, need in needed.items() if not given or name == need}


def _needed(operators: Iterable[Needing]) -> Iterator[tuple[str, str]]:
    """(Name of a resource, need) of all operators."""
    return ((name, need_of(key)) for operator in operators for key, name in operator.resource_names().items())


def _open(need: str, opener: Any) -> Any:
    if not callable(opener):
        what = f'the entry point "{need}" of {extensions.RESOURCES} is {opener!r}: it has to be a function without arguments'
        raise ParameterError([Problem(what)])
    return opener()


def open_table(name: str) -> Any:
    """A table by the name "pipeline.stage", by what installed packages declare under "dataflow.tables"; of several the first that knows it.

    Raises:
        ParameterError: nobody knows the name; with what each said.
    """
    said = []
    for opener in extensions.load(extensions.TABLES).values():
        try:
            return opener(name)
        except (LookupError, ValueError, RuntimeError) as error:
            said.append(str(error))
    details = tuple(("tables", text.replace("\n", " ")) for text in said)
    remedy = "give the path of a file, with its suffix, or pipeline.stage"
    raise ParameterError([Problem(f'"{name}" is neither a file nor a table', details=details, suggestion=remedy)])
