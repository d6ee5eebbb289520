"""dataflow datasets: freely licensed data sets to work and measure with."""

from __future__ import annotations

from typing import Annotated

import typer

from dataflow_assets.cli.console import examples, messages, output, print_json, table

app = typer.Typer(help="Freely licensed data sets, for `--input dataset:NAME`: list them, fetch them.", no_args_is_help=True)


@app.command("get", epilog=examples("dataflow datasets get human-eval", "dataflow run mine.py:Mine -i dataset:human-eval -o out.jsonl -n 20"))
def get_datasets(names: Annotated[list[str], typer.Argument(help="Which.")]) -> None:
    """Fetch data sets into the cache folder, once, and check them. Prints where the rows of each are, as JSON lines."""
    from resources import datasets

    for name in names:
        file = datasets.get(name, lambda text: messages().print(text, style="dim", markup=False, soft_wrap=True))
        output().print(f"{name}  {file}", markup=False, soft_wrap=True)


@app.command("path", epilog=examples("head -1 $(dataflow datasets path human-eval)"))
def path_of_dataset(name: Annotated[str, typer.Argument(help="Which.")]) -> None:
    """Print where the rows of a data set are; nothing is fetched."""
    from resources import datasets

    output().print(str(datasets.path(name)), markup=False, soft_wrap=True)


@app.command("remove", epilog=examples("dataflow datasets remove human-eval"))
def remove_datasets(names: Annotated[list[str], typer.Argument(help="Which.")]) -> None:
    """Delete data sets from the cache folder."""
    from resources import datasets
    from resources.fetching.files import megabytes

    for name in names:
        output().print(f"{name}  {megabytes(datasets.remove(name))} freed", markup=False, soft_wrap=True)


@app.command("list", epilog=examples("dataflow datasets list", "dataflow datasets list --json"))
def list_datasets(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the data sets: what they are, their licence, their columns, and whether they are here."""
    from resources import datasets
    from resources.fetching.files import megabytes

    known = datasets.list()
    if json:
        print_json([{**status.dataset.model_dump(), "path": str(status.path), "present": status.present} for status in known])
        return
    rows = [
        (
            status.dataset.name,
            status.dataset.rows,
            status.dataset.licence,
            str(status.path) if status.present else f"not fetched ({megabytes(status.dataset.size)})",
            f"{status.dataset.description}. Columns: {', '.join([*status.dataset.columns, *filter(None, [status.dataset.origin])])}",
        )
        for status in known
    ]
    output().print(table(("data set", "rows", "licence", "where", "what it is"), rows, right=("rows",)))
