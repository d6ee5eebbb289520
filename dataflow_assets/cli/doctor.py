"""dataflow doctor: is everything there that a run needs, and what did a killed run leave behind?"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from dataflow_assets.cli.console import examples, output, print_json, table

EXAMPLES = examples("dataflow doctor", "dataflow doctor --fix    (marks runs as failed whose process is gone)")
STYLES = {"ok": "green", "note": "dim", "warning": "yellow", "broken": "bold red"}


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mark runs as failed that Dagster shows as started although their process is gone.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Check Python, packages, models, kernels, warehouse, language model and Dagster; with --fix clear runs left started by a kill."""
    from dataflow_assets.cli.health import CHECKS
    from dataflow_assets.cli.health_of_dagster import dagster_home

    findings = [finding for check in CHECKS for finding in check()]
    findings += dagster_home(fix=fix)
    if json:
        print_json([finding.as_dict() for finding in findings])
    else:
        rows = [(Text(finding.state, STYLES[finding.state]), finding.subject, finding.says, finding.remedy) for finding in findings]
        output().print(table(("", "what", "is", "to do"), rows))
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)
