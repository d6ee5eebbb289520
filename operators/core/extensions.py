"""What installed packages of other people bring, by entry points. A broken one is named and left out; it stops nothing else."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from operators.core.packages import DISTRIBUTION
from operators.tables.errors import first_line

logger = logging.getLogger(__name__)

OPERATORS = "dataflow.operators"
"""Modules that define operators."""
PIPELINES = "dataflow.pipelines"
"""Modules that define pipelines."""
RESOURCES = "dataflow.resources"
"""Need -> a function without arguments that opens the resource as the environment says."""
RESOURCE_CHECKS = "dataflow.resource_checks"
"""Need -> a function without arguments that says why the resource cannot be opened here, with what to do; an empty text where it can."""
SOURCES = "dataflow.sources"
"""Name -> a function of the source's options that gives a Storage."""
TABLES = "dataflow.tables"
"""Name of a place of tables -> a function that opens one by its name ("pipeline.stage"), or raises an error that says why not."""
RUNNERS = "dataflow.runners"
"""Name of a place where the tables of a run are kept -> a function that runs there; see `operators.pipeline.running`."""
EXPORTS = "dataflow.exports"
"""Name of a format -> a function of a table's Storage and a path that writes it."""
COMMANDS = "dataflow.commands"
"""Name of a command -> a typer app."""
GROUPS = (OPERATORS, PIPELINES, RESOURCES, RESOURCE_CHECKS, SOURCES, TABLES, RUNNERS, EXPORTS, COMMANDS)


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry point that could not be loaded."""

    group: str
    name: str
    package: str
    error: str

    @property
    def why(self) -> str:
        made_for = made_for_another(self.package)
        return f"{self.error.rstrip('.')} ({made_for})" if made_for else self.error.rstrip(".")

    def __str__(self) -> str:
        return f"{self.package}: {self.group} {self.name} is left out: {self.why}. Mend or uninstall {self.package}."


_broken: dict[tuple[str, str, str], Broken] = {}


@functools.cache
def entry_points(group: str) -> tuple[tuple[str, str, metadata.EntryPoint], ...]:
    """(name, package, entry point) of each: those of this project, then by package and name; of equal ones the first."""
    found: dict[tuple[str, str], tuple[str, str, metadata.EntryPoint]] = {}
    points = [(_package(point), point) for point in _installed().select(group=group)]
    for package, point in sorted(points, key=lambda one: (one[0] != DISTRIBUTION, one[0], one[1].name)):
        found.setdefault((point.name, point.value), (point.name, package, point))
    return tuple(found.values())


@functools.cache
def _installed() -> Any:  # metadata.SelectableGroups in Python 3.11, metadata.EntryPoints later: both have `select`
    """Those of all packages: finding them reads a file of each package, so it is done once a process."""
    return metadata.entry_points()


def load_one(group: str, name: str, package: str, point: metadata.EntryPoint) -> Any:
    """The object, or None where it could not be loaded, which is then among `broken()`."""
    try:
        return point.load()
    except (Exception, SystemExit) as error:  # other people's code: whatever it raises, it is named and left out
        note_broken(Broken(group, name, package, first_line(error)))
        return None


@functools.cache
def load(group: str, own: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Name -> object of every entry point of the group that can be loaded; of two of one name the first package's, and the other is left out, as is
    one of a name that this project uses itself (`own`)."""
    found: dict[str, Any] = {}
    owner = dict.fromkeys(own, DISTRIBUTION)
    for name, package, point in entry_points(group):
        if name in owner:
            note_broken(Broken(group, name, package, f"{owner[name]} brings the same name"))
        elif (value := load_one(group, name, package, point)) is not None:
            found[name], owner[name] = value, package
    return found


def package_of(group: str, name: str) -> str:
    """The first package that brings an entry point of this name."""
    return next(package for brought, package, _ in entry_points(group) if brought == name)


def made_for_another(package: str) -> str:
    """Which versions of this project a package asks for, where this is none of them; else empty."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        here, asked = metadata.version(DISTRIBUTION), list(map(Requirement, metadata.requires(package) or []))
    except (metadata.PackageNotFoundError, InvalidRequirement):
        return ""
    wanted = [one for one in asked if canonicalize_name(one.name) == DISTRIBUTION and not one.specifier.contains(here, prereleases=True)]
    return f"it is made for {DISTRIBUTION} {wanted[0].specifier}, and this is {here}" if wanted else ""


def unknown_groups() -> list[tuple[str, str]]:
    """(package, group) of entry points that are called like ours, and that nobody reads: a misspelt group brings nothing."""
    groups = [group for group in sorted(_installed().groups) if group.startswith("dataflow.") and group not in GROUPS]
    return [(package, group) for group in groups for package in sorted({package for _, package, _ in entry_points(group)})]


def note_broken(broken: Broken) -> None:
    """Remember and log it, once."""
    key = (broken.group, broken.name, broken.package)
    if key not in _broken:
        _broken[key] = broken
        logger.warning("%s", broken)


def broken() -> list[Broken]:
    """What was left out so far."""
    return list(_broken.values())


def _package(point: metadata.EntryPoint) -> str:
    return str(point.dist.name) if point.dist is not None else point.value.partition(":")[0].partition(".")[0]
