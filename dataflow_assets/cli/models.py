"""dataflow models: the weights of the embedded models."""

from __future__ import annotations

from typing import Annotated

import typer

from dataflow_assets.cli.console import examples, messages, output, print_json, table

app = typer.Typer(help="Weights of the embedded models: fetch them, or list them.", no_args_is_help=True)


@app.command("get", epilog=examples("dataflow models get", "dataflow models get smollm2"))
def get_models(names: Annotated[list[str] | None, typer.Argument(help="Which; all if none is named.")] = None) -> None:
    """Fetch weights into the cache folder, once, and check them. Prints where each is."""
    from resources import models

    for name in names or [status.weights.name for status in models.list()]:
        present = {status.weights.name for status in models.list() if status.present}
        if name not in present:
            messages().print(f"fetching the weights of {name}", style="dim", markup=False)
        output().print(f"{name}  {models.get(name)}", markup=False, soft_wrap=True)


@app.command("list", epilog=examples("dataflow models list", "dataflow models list --json"))
def list_models(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the embedded models: what they are, their licence, and whether their weights are here."""
    from resources import models

    known = models.list()
    if json:
        print_json(
            [
                {
                    "name": status.weights.name,
                    "description": status.weights.description,
                    "licence": status.weights.licence,
                    "bytes": status.weights.size,
                    "sha256": status.weights.sha256,
                    "path": str(status.path),
                    "present": status.present,
                }
                for status in known
            ]
        )
        return
    rows = [
        (
            status.weights.name,
            status.weights.licence,
            f"{status.weights.size / 1e6:,.0f} MB",
            str(status.path) if status.present else "not fetched",
            status.weights.description,
        )
        for status in known
    ]
    output().print(table(("model", "licence", "size", "where", "what it is"), rows))
