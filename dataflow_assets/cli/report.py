"""dataflow report: what the last run of a pipeline did, stage by stage, and where to look next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataflow_assets.cli.console import examples, output, print_json, program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow_assets.cli.stored_stages import StoredStage

EXAMPLES = examples("dataflow report web_text", "dataflow report web_text --json")


def report(
    pipeline: Annotated[str, typer.Argument(help="The name of a pipeline whose tables are in the warehouse.")],
    warehouse: Annotated[Path | None, typer.Option(help="Folder of the tables, instead of DATAFLOW_WAREHOUSE.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what each stage of a pipeline did when its table was last made: rows, time, calls of language models and their tokens."""
    from dataflow_assets.cli.stage_table import StageRow, stage_table
    from dataflow_assets.cli.stored_stages import StoredPipelines

    with StoredPipelines.open(warehouse, only=pipeline) as stored:
        stages = stored.pipelines[pipeline]
        if json:
            print_json([{"stage": stage.name, **stage.facts} for stage in stages])
            return
        console = output()
        console.print(stage_table(StageRow.of(stage.name, stage.facts) for stage in stages))
        for line in _summary(stages):
            console.print(line, markup=False)
        console.print("\nwhere to go next", style="bold")
        for command, what in _next_steps(pipeline, stages, warehouse):
            console.print(f"  {command}    ", end="", markup=False, soft_wrap=True)
            console.print(what, style="dim", markup=False, soft_wrap=True)


def _summary(stages: Sequence[StoredStage]) -> list[str]:
    reasons: dict[str, int] = {}
    for stage in stages:
        for name, count in (stage.facts.get("rejected_by") or {}).items():
            reasons[name] = reasons.get(name, 0) + count
    most = sorted(reasons.items(), key=lambda item: -item[1])[:5]
    read = sum(stage.facts["rows"] for stage in stages if not stage.inputs)
    last = stages[-1]
    lines = [f"{last.facts['rows']:,} rows in {last.pipeline}.{last.name}, made from {read:,}"]
    lines += [f"most rows were dropped by {', '.join(f'{name} ({count:,})' for name, count in most)}"] if most else []
    costs = [stage.facts["cost_usd"] for stage in stages if stage.facts.get("cost_usd") is not None]
    return [*lines, *([f"cost {sum(costs):,.4f} USD"] if costs else [])]


def _next_steps(pipeline: str, stages: Sequence[StoredStage], warehouse: Path | None) -> list[tuple[str, str]]:
    option = f" --warehouse {warehouse}" if warehouse else ""
    dataflow = program()
    last = stages[-1]
    steps = [(f"{dataflow} sql 'from {pipeline}.{last.name} limit 10'{option}", "look at the result")]
    dropped = next((row_id for stage in stages if (row_id := stage.first_rejected_id())), None)
    if dropped:
        steps.append((f"{dataflow} trace {dropped}{option}", "the story of a row that was dropped"))
    if Path("workspace.yaml").exists():
        steps.append(("make ui", "lineage, checks and history in the browser"))
    return steps
