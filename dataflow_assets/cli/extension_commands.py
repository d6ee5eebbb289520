"""Commands that installed extensions bring: `dataflow NAME ...`, beside our own."""

from __future__ import annotations

from importlib import metadata
from typing import Any

import typer
from typer.core import TyperGroup

GROUP = "dataflow.commands"
"""As in operators.core.extensions, which is only imported where an extension is there: `--help` answers at once."""


class WithExtensions(TyperGroup):
    """Our commands, and those of extensions that do not take the name of one of ours. One that cannot be loaded is named and left out."""

    def list_commands(self, ctx: Any) -> list[str]:
        own = super().list_commands(ctx)
        return [*own, *sorted({point.name for point in metadata.entry_points(group=GROUP)} - set(own))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        if own is not None or not metadata.entry_points(group=GROUP, name=cmd_name):
            return own
        found = commands_of_extensions(frozenset(super().list_commands(ctx))).get(cmd_name)
        if found is None:
            return None
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


def commands_of_extensions(own: frozenset[str]) -> dict[str, typer.Typer]:
    """Name -> app, beside our `own` commands."""
    from operators.core import extensions

    found = extensions.load(extensions.COMMANDS, own)
    for name in found.keys() - (apps := {name: app for name, app in found.items() if isinstance(app, typer.Typer)}).keys():
        package = extensions.package_of(extensions.COMMANDS, name)
        extensions.note_broken(extensions.Broken(extensions.COMMANDS, name, package, f"it is no typer.Typer, but {type(found[name]).__name__}"))
    return apps
