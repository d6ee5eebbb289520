"""dataflow models: the weights of the models that run inside this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataflow_assets.cli.console import examples, messages, output, print_json, table

if TYPE_CHECKING:
    from resources.models import ModelStatus

REFERENCE = "A name of `dataflow models list`, or hf:OWNER/REPO/FILE.gguf."

app = typer.Typer(help="Weights of the embedded models: list, fetch or remove them.", no_args_is_help=True)


@app.command("get", epilog=examples("dataflow models get", "dataflow models get qwen2.5-coder-0.5b", "dataflow models get hf:OWNER/REPO/FILE.gguf"))
def get_models(
    names: Annotated[list[str] | None, typer.Argument(help=f"{REFERENCE} Without any: the small ones that the project itself needs.")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="The publisher's file, where you have it already: it is checked and copied.")] = None,
) -> None:
    """Fetch weights into the cache folder, once, and check them; one that was interrupted goes on where it ended. Prints where each is."""
    from resources import models

    chosen = names or [status.weights.name for status in models.list() if status.weights.needed]
    if source is not None and len(names or ()) != 1:
        raise typer.BadParameter("--from is the file of one model: name that one")
    for name in chosen:
        file = models.get(name, lambda text: messages().print(text, style="dim", markup=False, soft_wrap=True), source)
        output().print(f"{name}  {file}", markup=False, soft_wrap=True)


@app.command("path", epilog=examples("dataflow models path qwen2.5-coder-0.5b"))
def path_of_model(name: Annotated[str, typer.Argument(help=REFERENCE)]) -> None:
    """Print where the weights are; nothing is fetched."""
    from resources import models

    output().print(str(models.path(name)), markup=False, soft_wrap=True)


@app.command("remove", epilog=examples("dataflow models remove qwen2.5-coder-1.5b"))
def remove_models(names: Annotated[list[str], typer.Argument(help=REFERENCE)]) -> None:
    """Delete weights, and what an interrupted fetch left, from the cache folder."""
    from resources import models
    from resources.fetching.files import megabytes

    for name in names:
        output().print(f"{name}  {megabytes(models.remove(name))} freed", markup=False, soft_wrap=True)


@app.command("list", epilog=examples("dataflow models list", "dataflow models list --json"))
def list_models(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the models that have a name: what they are, their licence, what to know of their answers, and whether their weights are here."""
    from resources import models

    known = models.list()
    if json:
        print_json([_as_json(status) for status in known])
        return
    rows = [
        (
            status.weights.name,
            status.weights.licence,
            f"{status.weights.size / 1e6:,.0f} MB",
            _where(status),
            status.weights.description + (f". Know: {status.weights.caution}" if status.weights.caution else ""),
        )
        for status in known
    ]
    output().print(table(("model", "licence", "size", "where", "what it is"), rows))
    output().print("DATAFLOW_LLM_MODEL=NAME runs one; also the path of any GGUF file, or hf:OWNER/REPO/FILE.gguf.", style="dim", markup=False)


def _where(status: ModelStatus) -> str:
    if status.present:
        return str(status.path)
    return f"not fetched ({status.begun / status.weights.size:.0%} begun)" if status.begun else "not fetched"


def _as_json(status: ModelStatus) -> dict[str, object]:
    weights = status.weights
    return {
        "name": weights.name,
        "description": weights.description,
        "licence": weights.licence,
        "use": weights.use,
        "caution": weights.caution,
        "bytes": weights.size,
        "sha256": weights.sha256,
        "path": str(status.path),
        "present": status.present,
        "begun": status.begun,
    }
