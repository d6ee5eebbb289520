"""dataflow plan: what a pipeline takes on more rows and cores than there are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dataflow_assets.cli.console import examples, fail, output, print_json, table

if TYPE_CHECKING:
    from dataflow_assets.running.capacity import Capacity, StageCapacity

EXAMPLES = examples(
    "dataflow plan web_text -i pages.jsonl.gz --rows 250e6 --cores 64 --set rate=false",
    "dataflow plan web_text -i pages.jsonl.gz --rows 250e6 --cores 64 --memory-gb 256 --json",
)
_GIGABYTE = 1e9
_SHARD_SECONDS = 600
"""What a shard should take one core at least: starting a run for it costs some seconds."""


def plan(
    pipeline: Annotated[str, typer.Argument(help="The name of a pipeline, or FILE.py:CLASS.")],
    rows: Annotated[float, typer.Option("--rows", min=1, help="How many rows it will have: 250e6.")],
    cores: Annotated[int, typer.Option("--cores", min=1, help="How many cores there will be, on all machines.")],
    input_: Annotated[list[str], typer.Option("--input", "-i", help="Rows like them; without it those of its deployment.")] = [],  # noqa: B006
    sample: Annotated[
        int,
        typer.Option("--sample", "-n", min=8, help="Rows to measure with, and a third as many beside; at most those that there are."),
    ] = 4000,
    memory_gb: Annotated[float | None, typer.Option("--memory-gb", min=0.1, help="Memory of one machine: what does not fit is said.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another sample.")] = 0,
    set_: Annotated[list[str], typer.Option("--set", "-s", help="STAGE.PARAMETER=VALUE, or PARAMETER=VALUE of the pipeline.")] = [],  # noqa: B006
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Run a pipeline on a sample and a smaller one, and say what so many rows take on so many cores: hours, memory and disk of each stage.

    Measure on a machine like those that will do the work, with nothing beside it. The times do not hold what language models take:
    the calls and tokens are there to divide by the speed of your server.
    """
    from dataflow_assets.cli.estimate import arguments_of, deployed, given
    from dataflow_assets.running.capacity import capacity
    from dataflow_assets.running.cold_run import cold_run

    if not rows < 1e15:
        raise fail(f"--rows is {rows:g}: it should be less than 1e15.")
    compiled, sources = given(pipeline, input_, set_) if input_ else deployed(pipeline, set_)
    reference, settings = (pipeline, set_) if input_ else arguments_of(pipeline, set_)
    found = capacity(compiled, sources, rows, cores, lambda rows: cold_run(compiled, rows, reference, settings), sample, seed)
    if json:
        print_json(found.as_data())
        return
    columns = ("stage", "rows in", "holds", "CPU time", "time", "memory GB", "disk GB", "calls", "tokens")
    lines = [
        (
            one.stage,
            f"{one.rows:,.0f}" if one.rows else None,
            _holds(one),
            told_time(one.core_hours),
            told_time(one.hours),
            f"{one.memory_bytes / _GIGABYTE:,.1f}",
            f"{one.disk_bytes / _GIGABYTE:,.2f}",
            f"{one.calls:,.0f}" if one.calls else None,
            f"{one.tokens:,.0f}" if one.tokens else None,
        )
        for one in found.stages
    ]
    output().print(table(columns, lines, right=[name for name in columns if name not in ("stage", "holds")]))
    for line in advice(found, memory_gb):
        output().print(line, markup=False, highlight=False)


def told_time(hours: float) -> str:
    """In the unit that says it best."""
    if hours < 1 / 30:
        return f"{hours * 3600:,.1f} s"
    return f"{hours * 60:,.1f} min" if hours < 2 else f"{hours:,.1f} h"


def _holds(stage: StageCapacity) -> str:
    return f"sketch: {stage.sketch_bytes:,} B a row" if stage.memory == "sketch" else stage.memory


def _too_large(stage: StageCapacity, memory_gb: float) -> str:
    needs = f"{stage.stage} does not fit into {memory_gb:g} GB: it "
    gigabytes = stage.memory_bytes / _GIGABYTE
    if stage.memory == "row":
        return f"{needs}takes {gigabytes:,.0f} GB in all its processes together. Take fewer of them on one machine (--workers)."
    held = f"a sketch of {stage.sketch_bytes:,} bytes of each row" if stage.memory == "sketch" else "the columns that it reads, of all rows"
    remedy = "Let it work within shards (--shards), or take a machine of more memory for it."
    return f"{needs}holds {held}, {gigabytes:,.0f} GB. {remedy}"


def advice(found: Capacity, memory_gb: float | None) -> list[str]:
    """What follows from the figures, in sentences."""
    said = [
        f"{told_time(found.core_hours)} of CPU time, {told_time(found.hours)} on {found.cores} core{'s' if found.cores > 1 else ''}, "
        f"{found.disk_bytes / _GIGABYTE:,.1f} GB of tables and files; "
        f"the most memory at a time: {found.memory_bytes / _GIGABYTE:,.1f} GB. Told from {found.sampled_rows:,} rows."
    ]
    if found.rough:
        named = ", ".join(found.rough)
        said.append(f"Of {named} only the order of magnitude is known: the sample is done too fast. Give more rows (--input, --sample).")
    if memory_gb is not None:
        said += [_too_large(one, memory_gb) for one in found.stages if one.memory_bytes > memory_gb * _GIGABYTE]
    if unknown := [one.stage for one in found.stages if one.tokens is None]:
        said.append(f"Tokens of {', '.join(unknown)} are unknown: all answers came from the cache. Another --seed asks for others.")
    by_row = sum(one.core_hours for one in found.stages if one.memory == "row")
    shards = max(1, min(10_000, round(by_row * 3600 / _SHARD_SECONDS)))
    minutes = by_row * 60 / shards
    said.append(f"As partitions on several machines: {shards:,} shards or fewer, each {minutes:,.0f} minutes of a core or more; see docs/scale.md.")
    return said
