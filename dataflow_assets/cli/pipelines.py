"""dataflow pipelines: the pipelines that come with the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import examples, output, paragraphs, print_json, table

if TYPE_CHECKING:
    from operators.pipeline.pipeline import Pipeline
    from operators.pipeline.plan import Plan, Stage

app = typer.Typer(help="Pipelines: list those shipped, or show the stages of one.", no_args_is_help=True)


@app.command("list", epilog=examples("dataflow pipelines list", "dataflow pipelines list --json"))
def list_pipelines(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the pipelines that are shipped."""
    from dataflow_assets.pipelines import all_pipelines

    rows = [_summary(cls) for cls in all_pipelines().values()]
    if json:
        print_json(rows)
        return
    cells = [(row["name"], row["stages"], ", ".join(row["needs"]) or "-", row["description"]) for row in rows]
    output().print(table(("pipeline", "stages", "needs", "what it does"), cells, right=("stages",)))


@app.command("show", epilog=examples("dataflow pipelines show web_text", "dataflow pipelines show mine.py:MyPipeline --mermaid"))
def show_pipeline(
    pipeline: Annotated[str, typer.Argument(help="The name of a pipeline, or FILE.py:CLASS.")],
    set_: Annotated[list[str], typer.Option("--set", "-s", help="STAGE.PARAMETER=VALUE, or PARAMETER=VALUE of the pipeline.")] = [],  # noqa: B006
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Only the graph, as Mermaid.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the stages of a pipeline, as a table and as a Mermaid graph."""
    from dataflow_assets.cli.chosen_pipeline import configured_pipeline

    plan = configured_pipeline(pipeline, set_).compile()
    if json:
        print_json(plan_as_data(plan))
    elif mermaid:
        typer.echo(plan.mermaid())
    else:
        print_plan(plan)
        typer.echo(plan.mermaid())


def print_plan(plan: Plan) -> None:
    from operators.tables.types import ROW_ID, type_name

    console = output()
    console.print(plan.name, style="bold")
    console.print(paragraphs(plan.description), markup=False)
    for name, schema in plan.sources.items():
        columns = ", ".join(f"{field.name} ({type_name(field.type)})" for field in schema if field.name != ROW_ID)
        shards = ", shard by shard" if plan.is_sharded(name) else ""
        console.print(f"\nreads {name}{shards}: {columns}", markup=False)
    rows = [
        (
            stage.name,
            stage.operator.kind,
            stage.operator.describe(),
            ", ".join(_reads(plan, stage)),
            ", ".join(_changes(stage)),
            ", ".join(stage.resources.values()) or "-",
        )
        for stage in plan.stages
    ]
    console.print(table(("stage", "kind", "operator", "reads", "columns +made ~rewritten -dropped", "needs"), rows))


def plan_as_data(plan: Plan) -> dict[str, Any]:
    from operators.tables.types import type_name

    return {
        "name": plan.name,
        "description": plan.description,
        "sources": {name: {field.name: type_name(field.type) for field in schema} for name, schema in plan.sources.items()},
        "sharded_source": plan.sharded_source,
        "stages": [
            {
                "name": stage.name,
                "kind": stage.operator.kind,
                "operator": stage.operator.as_dict(),
                "inputs": list(stage.inputs),
                "sharded": stage.sharded,
                "gathers": list(stage.gathers),
                "columns": {field.name: type_name(field.type) for field in stage.schema_out},
                "resources": {str(need): name for need, name in stage.resources.items()},
                "fingerprint": stage.fingerprint,
                "location": stage.location,
            }
            for stage in plan.stages
        ],
        "outputs": list(plan.outputs),
        "mermaid": plan.mermaid(),
    }


def _reads(plan: Plan, stage: Stage) -> list[str]:
    """The inputs; where they come in shards, whether a run reads one or all of them."""
    in_shards = {name: "all shards" if name in stage.gathers else "each shard" for name in stage.inputs if plan.is_sharded(name)}
    return [f"{name} ({in_shards[name]})" if name in in_shards else name for name in stage.inputs]


def _changes(stage: Stage) -> list[str]:
    """ "+score" for a column made, "-html" for one dropped, "text" for one rewritten."""
    before, after = stage.schemas_in[0].names, stage.schema_out.names
    rewritten = [name for name in before if name in stage.operator.rewritten_columns()]
    made = [f"+{name}" for name in after if name not in before]
    dropped = [f"-{name}" for name in before if name not in after]
    return [*(f"~{name}" for name in rewritten), *made, *dropped]


def _summary(cls: type[Pipeline]) -> dict[str, Any]:
    from operators.tables.errors import ProblemsFound

    row = {"name": cls.pipeline_name(), "class": f"{cls.__module__}:{cls.__name__}", "description": (cls.__doc__ or "").strip().split("\n", 1)[0]}
    try:
        plan = cls().compile()
    except ProblemsFound as error:
        return {**row, "stages": None, "needs": [], "problems": [str(problem) for problem in error.problems]}
    needs = sorted({name for stage in plan.stages for name in stage.resources.values()})
    return {**row, "stages": len(plan.stages), "needs": needs, "problems": []}
