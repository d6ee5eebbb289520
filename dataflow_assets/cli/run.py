"""dataflow run: a pipeline from files to files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import examples, messages, output, print_json
from dataflow_assets.cli.settings import parse_named_files

if TYPE_CHECKING:
    from operators.engine.report import Progress, Report

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
    warehouse: Annotated[Path | None, typer.Option(help="Keep the tables of all stages in this folder, for sql and trace.")] = None,
    json: Annotated[bool, typer.Option("--json", help="What each stage did, as JSON.")] = False,
) -> None:
    """Run a pipeline on files, without Dagster. Answers of language models are cached: a second run pays only for what changed."""
    from dataflow_assets.cli.chosen_pipeline import configured_pipeline, sources_given
    from dataflow_assets.cli.rejected_rows import gather_rejected
    from dataflow_assets.cli.stage_table import StageRow, stage_table
    from dataflow_assets.running.exports import check_export
    from dataflow_assets.running.resources import compile_for_run
    from dataflow_assets.running.source_run import SourceRun
    from dataflow_assets.running.stages import export_table
    from resources.warehouse import Warehouse
    from resources.warehouse.scratch import scratch_warehouse

    configured = configured_pipeline(pipeline, set_)
    sources = sources_given(configured, input_)
    plan = compile_for_run(configured, dict(sources), sharded=shards)
    targets = parse_named_files("--output", output_, plan.outputs)
    _check_complete("--input", sources, list(plan.sources))
    _check_complete("--output", targets, list(plan.outputs))
    for path in (*targets.values(), *([str(rejected)] if rejected else [])):
        check_export(path)  # a format that cannot be written is known before the work, not after it

    reading: dict[str, Any] = {"limit": limit} | ({} if max_unreadable is None else {"max_unreadable": max_unreadable})
    with ExitStack() as stack:
        tables = Warehouse(warehouse) if warehouse else stack.enter_context(scratch_warehouse())
        with _bars() as progress_of:
            run = SourceRun.of(plan, sources, reading)
            reports = run.all_stages(tables, progress_of)
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


@contextmanager
def _bars() -> Iterator[Callable[[str], Progress]]:
    """A bar for each stage on standard error, where somebody looks at it."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("[dim]{task.fields[note]}"), TimeElapsedColumn())
    console = messages()
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:

        def progress_of(stage: str) -> Progress:
            bar = bars.add_task(stage, total=None, note="")

            def show(done: int, total: int, report: Report) -> None:
                bars.update(bar, completed=done, total=total, note=_note(report))

            return show

        yield progress_of


def _note(report: Report) -> str:
    parts = [f"{report.rejected:,} set aside"] if report.rejected else []
    parts += [f"{usage.calls:,} calls, {usage.cached:,} cached" for usage in report.usage.values()]
    return ", ".join(parts)


def _check_complete(option: str, given: Mapping[str, Any], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in given]
    if missing:
        raise typer.BadParameter(f"{', '.join(missing)} missing: give {' '.join(f'{option} {name}=FILE' for name in missing)}")
