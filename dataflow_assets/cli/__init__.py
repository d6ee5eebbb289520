"""The `dataflow` command: operators and pipelines without Dagster, and a look into what runs left behind."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (of the process where none is given) and return its exit status."""
    from dataflow_assets.cli.app import run

    return run(arguments)
