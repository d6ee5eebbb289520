"""dataflow doctor: is everything there that a run needs, and what did a killed run leave behind?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from dataflow_assets.cli.console import examples, output, print_json, table

if TYPE_CHECKING:
    from dataflow_assets.cli.health import Finding

EXAMPLES = examples("dataflow doctor", "dataflow doctor --fix    (marks runs as failed whose process is gone)")
STYLES = {"ok": "green", "note": "dim", "warning": "yellow", "broken": "bold red"}


def doctor(
    context: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Mark runs as failed that Dagster shows as started although their process is gone.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Check Python, packages, models, kernels, warehouse, language model and Dagster; with --fix clear runs left started by a kill."""
    from dataflow_assets.cli.health import CHECKS, installed_extensions
    from dataflow_assets.cli.health_of_dagster import dagster_home

    def dagster() -> Iterator[Finding]:
        return dagster_home(fix=fix)

    def extensions() -> Iterator[Finding]:
        return installed_extensions(frozenset(getattr(context.find_root().command, "commands", ())))

    findings = [finding for check in (*CHECKS, extensions, dagster) for finding in _found_by(check)]
    if json:
        print_json([finding.as_dict() for finding in findings])
    else:
        rows = [(Text(finding.state, STYLES[finding.state]), finding.subject, finding.says, finding.remedy) for finding in findings]
        output().print(table(("", "what", "is", "to do"), rows))
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


def _found_by(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What cannot even be looked at is a finding too, and the others are made."""
    from dataflow_assets.cli.health import Finding

    try:
        yield from check()
    except Exception as error:
        yield Finding("broken", check.__name__.replace("_", " "), f"cannot be looked at: {str(error) or type(error).__name__}")
