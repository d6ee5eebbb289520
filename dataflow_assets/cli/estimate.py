"""dataflow estimate: what a pipeline will do and cost, before it is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import examples, fail, output, print_json, table

if TYPE_CHECKING:
    from dataflow_assets.running.estimate import Range
    from operators.pipeline.plan import Plan
    from operators.tables.storage import Storage

EXAMPLES = examples(
    "dataflow estimate web_text",
    "dataflow estimate web_text -i pages.jsonl.gz --rows 500",
    "dataflow estimate mine.py:MyPipeline -i a.csv --set rate.characters=500 --json",
)


def estimate(
    pipeline: Annotated[str, typer.Argument(help="The name of a pipeline, or FILE.py:CLASS.")],
    input_: Annotated[list[str], typer.Option("--input", "-i", help="Its source; without it that of its deployment (defs.yaml).")] = [],  # noqa: B006
    rows: Annotated[int, typer.Option("--rows", "-n", min=1, help="Rows of the sample.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another sample.")] = 0,
    set_: Annotated[list[str], typer.Option("--set", "-s", help="STAGE.PARAMETER=VALUE, or PARAMETER=VALUE of the pipeline.")] = [],  # noqa: B006
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Run a pipeline on a sample of its source and say what all of it will take: rows, calls, tokens, money and hours, with 95 % ranges.

    The sample is paid for once: the same estimate again is free, and so are its rows in the real run, whose answers are then in the cache.
    """
    from dataflow_assets.running.estimate import as_data
    from dataflow_assets.running.estimate import estimate as measure

    plan, sources = given(pipeline, input_, set_) if input_ else deployed(pipeline, set_)
    found = measure(plan, sources, rows, seed)
    if json:
        print_json(as_data(found))
        return
    columns = ("stage", "rows in", "calls", "tokens", "USD", "hours", "")
    lines = [
        (one.stage, _told(one.rows), _told(one.calls), _told(one.tokens), _told(one.cost_usd, 4), _told(one.hours, 2), one.note)
        for one in found.stages
    ]
    output().print(table(columns, lines, right=columns[1:6]))
    again = "measured before, nothing was paid now" if found.measured_before else "kept: the same estimate again is free"
    said = f"{found.source_rows:,} rows in the source; from a sample of {found.sampled_rows:,} ({again}). In brackets: 95 % ranges."
    output().print(said, style="dim", markup=False)


def given(pipeline: str, inputs: Sequence[str], settings: Sequence[str]) -> tuple[Plan, Mapping[str, Storage]]:
    from dataflow_assets.cli.chosen_pipeline import configured_pipeline, sources_given
    from dataflow_assets.running.resources import compile_for_run

    configured = configured_pipeline(pipeline, settings)
    sources = sources_given(configured, inputs)
    return compile_for_run(configured, dict(sources)), sources


def deployed(pipeline: str, settings: Sequence[str]) -> tuple[Plan, Mapping[str, Storage]]:
    """As its defs.yaml says."""
    from dataflow_assets.cli.chosen_pipeline import configured_pipeline
    from dataflow_assets.running.resources import compile_for_run
    from resources.sources import open_source, source_settings

    said, (reference, all_settings) = deployment(pipeline), arguments_of(pipeline, settings)
    configured = configured_pipeline(reference, all_settings)
    names, given = configured.source_names(), said["source"]
    if len(names) == 1:
        given = {names[0]: given.get(names[0], given) if isinstance(given, Mapping) else given}
    sources = {name: open_source(source_settings(given[name])) for name in names}
    return compile_for_run(configured, dict(sources)), sources


def deployment(pipeline: str) -> Mapping[str, Any]:
    """What its defs.yaml says."""
    said = deployments().get(pipeline)
    if said is None:
        raise fail(f"{pipeline} is not deployed, so its source is not known: give it with --input FILE. Deployed: {', '.join(deployments())}.")
    return said


def arguments_of(pipeline: str, settings: Sequence[str]) -> tuple[str, list[str]]:
    """The pipeline of a deployment, and its settings with those given after them, as PIPELINE and --set of a command."""
    said = deployment(pipeline)
    parameters = [f"{name}={_value(value)}" for name, value in (said.get("parameters") or {}).items()]
    stages = [f"{stage}.{name}={_value(value)}" for stage, given in (said.get("stages") or {}).items() for name, value in given.items()]
    return said["pipeline"], [*parameters, *stages, *settings]


def deployments() -> dict[str, Mapping[str, Any]]:
    """Name -> what its defs.yaml says."""
    import yaml

    import dataflow_assets.defs

    found = {}
    for file in sorted(Path(dataflow_assets.defs.__path__[0]).glob("*/defs.yaml")):
        said = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("attributes") or {}
        if "pipeline" in said and "source" in said:
            found[str(said.get("name") or said["pipeline"])] = said
    return found


def _value(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value)


def _told(found: Range | None, digits: int = 0) -> str | None:
    if found is None:
        return None
    if found.low == found.high:
        return f"{found.likely:,.{digits}f}"
    return f"{found.likely:,.{digits}f} ({found.low:,.{digits}f}-{found.high:,.{digits}f})"
