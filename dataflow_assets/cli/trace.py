"""dataflow trace: the whole story of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, fail, output, print_json
from dataflow_assets.cli.query_result import shortened

if TYPE_CHECKING:
    from operators.pipeline.row_story import Step, Story

EXAMPLES = examples("dataflow trace 3f2a9c1e", "dataflow trace 3f2a9c1e-7d0b-5a11-9f60-0c2b1f5d9a77 --json")
STYLES = {"dropped": "yellow", "failed": "red", "made": "green", "read": "bold", "not there": "dim"}
CHILDREN_SHOWN = 5
CONTEXT_CHARACTERS = 30
"""Of a changed text, what is shown before the change."""


def trace(
    row_id: Annotated[str, typer.Argument(help="The row_id of a row, or its first characters.")],
    pipeline: Annotated[str | None, typer.Option(help="Only in this pipeline.")] = None,
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Tell a row's story: where it came from, what each stage changed, where it was dropped and why."""
    from dataflow_assets.cli.stored_stages import StoredPipelines

    with StoredPipelines.open(warehouse, only=pipeline) as stored:
        stories = stored.stories(row_id)  # a row of just this id, however short it is, before rows whose ids begin so
        if not stories:
            ids = stored.ids_starting_with(row_id)
            if len(ids) > 1:
                raise fail(f"{len(ids)} rows start with {row_id}: {', '.join(ids[:5])}. Give more characters.")
            stories = stored.stories(ids[0]) if ids else []
        if not stories:
            raise fail(f"no current table in {stored.root} has the row {row_id}. dataflow sql 'select row_id from PIPELINE.STAGE' lists ids.")
        judged = stored.judged_by(stories)
    if json:
        print_json([{**story.as_dict(), "judged_by": judged.get(story.pipeline, {})} for story in stories])
        return
    for story in stories:
        _print_story(story)
    for model, caution in {model: caution for models in judged.values() for model, caution in models.items()}.items():
        output().print(Text.assemble((model, "bold"), f" judged or wrote what is in these rows{f': {caution}' if caution else ''}"), style="yellow")


def _print_story(story: Story) -> None:
    console = output()
    console.print(Text.assemble((story.pipeline, "bold"), "  ", story.row_id))
    if story.parents:
        console.print(Text(f"made from {', '.join(story.parents)}", style="green"))
    for step in story.steps:
        console.print(_headline(step))
        taken = dict(step.taken)
        for name, old, new in step.changes:
            before, after = around_the_change(old, new)
            branch = f"  (from {taken[name]})" if name in taken else ""
            console.print(
                Text(f"    {name}: {after}{branch}" if old is None else f"    {name}: {before}\n    {'→':>{len(name) + 1}} {after}{branch}")
            )
    console.print()


def around_the_change(old: object, new: object) -> tuple[str, str]:
    """Both values, shortened; of two long texts, the parts where they begin to differ."""
    if not isinstance(old, str) or not isinstance(new, str):
        return str(shortened(old)), str(shortened(new))
    same = next((index for index, (left, right) in enumerate(zip(old, new, strict=False)) if left != right), min(len(old), len(new)))
    start = max(0, same - CONTEXT_CHARACTERS)
    dots = "…" if start else ""
    seen = [_seen(text, same)[start:] for text in (old, new)]
    return f"{dots}{shortened(seen[0])}", f"{dots}{shortened(seen[1])}"


def _seen(text: str, place: int) -> str:
    """The text with the character at a place written out where nobody would see it: a no-break space as \\xa0."""
    one = text[place : place + 1]
    return text if one == "\n" or one.isprintable() else f"{text[:place]}{ascii(one)[1:-1]}{text[place + 1 :]}"


def _headline(step: Step) -> Text:
    line = Text.assemble(f"  {step.stage:<14} ", (step.event, STYLES.get(step.event, "dim")))
    if step.event in ("dropped", "failed"):
        line.append(f" by {step.operator}: {step.reason}")
    elif step.children:
        shown = ", ".join(step.children[:CHILDREN_SHOWN])
        more = f" and {len(step.children) - CHILDREN_SHOWN} more" if len(step.children) > CHILDREN_SHOWN else ""
        line.append(f" by {step.operator}: {len(step.children)} rows: {shown}{more}")
    elif step.reason:
        line.append(f": {step.reason}")
    else:
        line.append(f"  {step.operator}", style="dim")
    if step.sources:
        line.append(f"  from {', '.join(step.sources)}", style="dim")
    return line
