"""The Dagster resource of a need that an installed package declares, such as the clock of an extension: opened once for the run."""

from __future__ import annotations

from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr

from operators.core.resources import open_need, openable_needs


class OpenedResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What operators need under a name, opened as the environment says."""

    need: str = Field(description="The need, as operators declare it.")

    _opened: Any = PrivateAttr(default=None)

    def open(self) -> Any:
        """The resource. Raises ParameterError when no installed package opens the need."""
        if self._opened is None:
            self._opened = open_need(self.need)
        return self._opened


def resources_of_extensions(own: set[str]) -> dict[str, OpenedResource]:
    """A resource for each need that installed packages can open and that is not among this project's `own`."""
    return {need: OpenedResource(need=need) for need in sorted(openable_needs() - own)}
