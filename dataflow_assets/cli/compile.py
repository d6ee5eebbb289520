"""dataflow compile: is this pipeline right? All mistakes at once, before anything runs."""

from __future__ import annotations

import warnings
from typing import Annotated

import typer

from dataflow_assets.cli.console import examples, fail, output, print_json

EXAMPLES = examples(
    "dataflow compile web_text",
    "dataflow compile mine.py:MyPipeline --input documents.jsonl --set quality.max_failed=0.1",
    "dataflow compile web_text --shards documents",
)


def compile_pipeline(
    pipeline: Annotated[str, typer.Argument(help="The name of a pipeline, or FILE.py:CLASS.")],
    input_: Annotated[list[str], typer.Option("--input", "-i", help="Check against the columns of this file; NAME=FILE with several sources.")] = [],  # noqa: B006
    set_: Annotated[list[str], typer.Option("--set", "-s", help="STAGE.PARAMETER=VALUE, or PARAMETER=VALUE of the pipeline.")] = [],  # noqa: B006
    shards: Annotated[str | None, typer.Option("--shards", help="A source that is read shard by shard, one a file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The stages, or the problems, as JSON.")] = False,
) -> None:
    """Check a pipeline: every problem at once, with the closest valid name. Reads no rows and calls no model."""
    from dataflow_assets.cli.chosen_pipeline import configured_pipeline, sources_given
    from dataflow_assets.cli.pipelines import plan_as_data, print_plan
    from dataflow_assets.running.resources import compile_for_run
    from operators.tables.errors import PipelineWarning, ProblemsFound

    try:
        configured = configured_pipeline(pipeline, set_)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PipelineWarning)  # they are printed below
            plan = compile_for_run(configured, dict(sources_given(configured, input_)), sharded=shards)
    except ProblemsFound as error:
        if json:
            problems = [
                {"where": item.where, "message": item.message, "details": dict(item.details), "suggestion": item.suggestion}
                for item in error.problems
            ]
            print_json({"ok": False, "problems": problems})
            raise typer.Exit(1) from None
        raise fail(str(error)) from None
    if json:
        told = [{"where": item.where, "message": item.message, "suggestion": item.suggestion} for item in plan.warnings]
        print_json({"ok": True, **plan_as_data(plan), "warnings": told})
        return
    print_plan(plan)
    for warning in plan.warnings:
        output().print(f"warning: {warning}", style="yellow", markup=False)
    output().print(f"{len(plan.stages)} stages, no problems.", style="green")
