"""Which task an operator serves: the order of the catalogue."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operators.core.operator import Operator

OTHER = "other"


def tasks_of(domain: str) -> Mapping[str, tuple[str, ...]]:
    """Task -> modules, as the `TASKS` of the domain's package says; empty for packages that say nothing."""
    try:
        package = importlib.import_module(f"operators.{domain}")
    except ModuleNotFoundError:  # an extension, which has a package of its own
        return {}
    return getattr(package, "TASKS", {})


def task_of(cls: type[Operator]) -> str:
    from operators.core import registry

    domain = registry.domain(cls)
    module = cls.__module__.removeprefix(f"operators.{domain}.")
    return next((task for task, modules in tasks_of(domain).items() if module in modules), OTHER)


def in_order(operators: list[type[Operator]]) -> list[type[Operator]]:
    """By domain, then by task in the order of `TASKS`, then by kind and name."""
    from operators.core import registry

    def place(cls: type[Operator]) -> tuple[str, int, str, str]:
        domain, task = registry.domain(cls), task_of(cls)
        tasks = list(tasks_of(domain))
        return domain, tasks.index(task) if task in tasks else len(tasks), str(getattr(cls, "kind", "")), cls.__name__

    return sorted(operators, key=place)
