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
        from operators.core import extensions

        found = extensions.load(extensions.COMMANDS).get(cmd_name)
        if not isinstance(found, typer.Typer):
            return None
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command
