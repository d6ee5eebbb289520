"""dataflow run: a pipeline from files to files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from dataflow_assets.cli.console import examples, messages, output, print_json
from dataflow_assets.cli.settings import parse_named_files

EXAMPLES = examples(
    "dataflow run web_text -i pages.jsonl.gz -o kept.parquet --rejected rejected.jsonl",
    "dataflow run mine.py:MyPipeline -i a.csv -o b.jsonl --limit 100 --set quality.max_failed=0.2",
    "dataflow run web_text -i pages.jsonl -o kept.parquet --warehouse trial && dataflow trace ROW_ID --warehouse trial",
)


def run_pipeline(
    pipeline: Annotated[str, typer.Argument(help="The name of a pipeline, or FILE.py:CLASS.")],
    input_: Annotated[
        list[str], typer.Option("--input", "-i", help="JSONL, JSON, CSV or Parquet, also .gz and .zst; NAME=FILE with several sources.")
    ],
    output_: Annotated[
        list[str], typer.Option("--output", "-o", help="Where the result goes, in the format of its name; STAGE=FILE with several results.")
    ],
    rejected: Annotated[Path | None, typer.Option(help="Where the rows set aside go, with stage, operator and reason.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Only the first N rows of each source.")] = None,
    max_unreadable: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of the rows of a source that may be unreadable, and are set aside; 0.05 by default.")
    ] = None,
    set_: Annotated[list[str], typer.Option("--set", "-s", help="STAGE.PARAMETER=VALUE, or PARAMETER=VALUE of the pipeline.")] = [],  # noqa: B006
    shards: Annotated[str | None, typer.Option("--shards", help="Read this source shard by shard, one a file.")] = None,
    warehouse: Annotated[
        str | None,
        typer.Option(help="Keep the tables of all stages in this folder, or at this address (s3://bucket/prefix); the answers of models too."),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(help='Processes on a table at once: a number, "auto" (a core each, for large tables) or "ray"; else DATAFLOW_WORKERS.'),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="What each stage did, as JSON.")] = False,
) -> None:
    """Run a pipeline on files, without Dagster. Answers of language models are cached: a second run pays only for what changed."""
    from dataflow_assets.cli.chosen_pipeline import configured_pipeline, sources_given
    from dataflow_assets.cli.rejected_rows import gather_rejected
    from dataflow_assets.cli.stage_table import StageRow, stage_table
    from dataflow_assets.running.resources import compile_for_run
    from dataflow_assets.running.source_run import SourceRun
    from dataflow_assets.running.stages import export_table
    from dataflow_assets.running.workers import Workers, read_setting
    from operators.core.targets import check_target
    from operators.engine.progress_bars import progress_bars
    from operators.tables.files.overwriting import refuse_overwriting
    from resources.llm.answers.paths import answers_beside
    from resources.warehouse import Warehouse
    from resources.warehouse.scratch import scratch_warehouse

    chosen_workers = read_setting(workers, "--workers")
    configured = configured_pipeline(pipeline, set_)
    sources = sources_given(configured, input_)
    plan = compile_for_run(configured, dict(sources), sharded=shards)
    targets = parse_named_files("--output", output_, plan.outputs)
    _check_complete("--input", sources, list(plan.sources))
    _check_complete("--output", targets, list(plan.outputs))
    outputs = [*((f"--output {name}", path) for name, path in targets.items()), *([("--rejected", str(rejected))] if rejected else [])]
    refuse_overwriting(outputs, sources)
    for _, path in outputs:
        check_target(path)  # a format that cannot be written is known before the work, not after it

    reading: dict[str, Any] = {"limit": limit} | ({} if max_unreadable is None else {"max_unreadable": max_unreadable})
    with ExitStack() as stack:
        run = SourceRun.of(plan, sources, reading)
        tables = Warehouse(warehouse, run.table_run()) if warehouse else stack.enter_context(scratch_warehouse())
        if warehouse:
            stack.enter_context(answers_beside(warehouse))
        console = messages()
        with progress_bars(console.is_terminal, console) as progress_of, Workers(chosen_workers) as helping:
            reports = run.all_stages(tables, progress_of, helping)
        of_shards = {name: list(run.shards) if plan.is_sharded(name) else None for name in reports}
        written = {path: export_table(tables, plan.name, name, [path], shards=of_shards[name])[path] for name, path in targets.items()}
        set_aside = gather_rejected(tables, plan.name, of_shards, rejected) if rejected else None

    if json:
        print_json([{"stage": stage, **report} for stage, report in reports.items()])
        return
    output().print(stage_table(StageRow.of(stage, report) for stage, report in reports.items()))
    for path, rows in written.items():
        output().print(f"{rows:,} rows in {path}", markup=False)
    if set_aside is not None:
        output().print(f"{set_aside:,} rejected rows in {rejected}", markup=False)


def _check_complete(option: str, given: Mapping[str, Any], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in given]
    if missing:
        raise typer.BadParameter(f"{', '.join(missing)} missing: give {' '.join(f'{option} {name}=FILE' for name in missing)}")
