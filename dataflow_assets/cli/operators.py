"""dataflow operators: what can be done to a table."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import examples, output, paragraphs, print_json, table
from dataflow_assets.cli.json_schema import describe_type
from dataflow_assets.cli.operator_facts import (
    EVERY_OPERATOR,
    as_data,
    columns_of,
    everything_needed,
    example_of,
    installation_of,
    kind_of,
    memory_of,
    needs_of,
    summary_of,
    type_of,
)  # fmt: skip
from dataflow_assets.cli.operator_search import Found
from dataflow_assets.cli.operator_search import search as search_operators
from dataflow_assets.cli.operator_tasks import in_order, task_of

if TYPE_CHECKING:
    from operators.core.operator import Operator

app = typer.Typer(help="What can be done to a table: list the operators, or show one.", no_args_is_help=True)


@app.command(
    "list",
    epilog=examples(
        'dataflow operators list --search "throw out menus"',
        "dataflow operators list --domain text --kind filter --search duplicate",
        "dataflow operators list --task privacy",
        "dataflow operators list --needs nothing",
        "dataflow operators list --json",
    ),
)
def list_operators(
    kind: Annotated[str | None, typer.Option(help="Only this kind: generate, evaluate, filter or refine.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only this domain: text, math, code, ...")] = None,
    task: Annotated[str | None, typer.Option(help="Only for this task: cleaning, rules, duplicates, ...")] = None,
    needs: Annotated[
        str | None,
        typer.Option(help='Only those that need this: llm, embedding, database, model, an extra; or "nothing" beyond the default.'),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            help="Only those with all these words, in any order, in their wishes, name, task, description, parameters or source; best first."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything about each, with the JSON schema of its parameters.")] = False,
) -> None:
    """List the operators that are installed, by domain and task."""
    from operators.core import registry

    known = in_order(registry.all_operators())
    _check_choice("kind", kind, {kind_of(cls) for cls in known})
    _check_choice("domain", domain, {registry.domain(cls) for cls in known})
    _check_choice("task", task, {task_of(cls) for cls in known})
    _check_choice("need", needs, {"nothing", *(need.strip("[]") for cls in known for need in everything_needed(cls))})
    found = [
        cls
        for cls in known
        if (kind is None or kind_of(cls) == kind)
        and (domain is None or registry.domain(cls) == domain)
        and (task is None or task_of(cls) == task)
        and (needs is None or ({needs, f"[{needs}]"} & set(everything_needed(cls)) if needs != "nothing" else not everything_needed(cls)))
    ]
    result = Found(found, []) if search is None else search_operators(found, search)
    if json:
        print_json([as_data(cls) for cls in (*result.having_all, *result.nearest)])
        return
    if result.nearest:
        few = "Few have" if result.having_all else "None has"
        output().print(f"{few} all of these words; others have most of them.", style="dim")
    print_catalogue([*result.having_all, *result.nearest])


@app.command("show", epilog=examples("dataflow operators show WordCountFilter", "dataflow operators show WordNumberFilter    (a reference name)"))
def show_operator(
    name: Annotated[str, typer.Argument(help="Its name, or the name of an operator of the reference system that it covers.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show one operator: what it does, its parameters, the columns that it reads and makes, and how to run it."""
    from operators.core import registry

    cls = registry.find(name)
    if json:
        print_json(as_data(cls))
        return
    console = output()
    if name != cls.__name__:
        console.print(f"[bold]{cls.__name__}[/bold] covers {name}.\n")
    facts = [
        ("kind", f"{kind_of(cls)}, {'each row alone' if cls.scope == 'row' else 'the whole table at once'}"),
        ("makes", "rows" if cls.adds_rows else ""),
        ("tables", ", ".join(cls.tables) if len(cls.tables) > 1 else ""),
        ("memory", memory_of(cls)),
        ("task", f"{registry.domain(cls)}: {task_of(cls)}"),
        ("needs", ", ".join(needs_of(cls)) or "nothing"),
        ("install", installation_of(cls)),
        ("covers", ", ".join(cls.covers)),
        ("source", cls.source),
        ("wishes", "; ".join(cls.asks)),
        ("defined in", f"{cls.__module__}"),
    ]
    console.print(cls.__name__, style="bold")
    console.print(paragraphs(inspect.getdoc(cls) or ""), markup=False)
    console.print()
    for label, value in facts:
        if value:
            console.print(f"{label:<11}{value}", markup=False)
    console.print()
    _print_parameters(cls)
    inputs, outputs = columns_of(cls)
    rows = [("reads", f"input_{short}", item.column or short, type_of(item), item.description) for short, item in inputs.items()]
    rows += [("makes", f"output_{short}", item.column or short, type_of(item), item.description) for short, item in outputs.items()]
    if rows:
        console.print(table(("", "bind with", "column", "type", "description"), rows, title="Columns"))
    console.print("Example", style="italic")
    console.print("\n".join(f"  {line}".rstrip() for line in example_of(cls).splitlines()), markup=False, soft_wrap=True)


def print_catalogue(found: list[type[Operator]]) -> None:
    """A line for each operator, under its domain and task; the tasks, and in each its operators, in the order given."""
    console = output()
    first = {heading: place for place, heading in reversed(list(enumerate(map(_heading, found))))}
    found = sorted(found, key=lambda cls: first[_heading(cls)])
    rows = [(cls, cls.__name__, kind_of(cls), ", ".join(everything_needed(cls)) or "-", summary_of(cls)) for cls in found]
    name_width = max((len(name) for _, name, *_ in rows), default=0)
    needs_width = max((len(needs) for *_, needs, _ in rows), default=0)
    for heading, members in groupby(rows, key=lambda row: _heading(row[0])):
        console.print(heading, style="bold", markup=False)
        for _, name, kind, needs, summary in members:
            line = f"  {name:<{name_width}}  {kind:<8}  {needs:<{needs_width}}  {summary}"
            console.print(line, markup=False, no_wrap=True, overflow="ellipsis")
    if not found:
        console.print("No operator is like that. Ask for less, or in other words: dataflow operators list shows them all.")
        return
    console.print("Beside the name: its kind, and what it needs: resources, and [extras] to be installed.", style="dim", markup=False)
    console.print(f"{len(found)} operators. dataflow operators show NAME tells all about one.", style="dim")


def _heading(cls: type[Operator]) -> str:
    from operators.core import registry

    return f"{registry.domain(cls)}: {task_of(cls)}"


def _print_parameters(cls: type[Operator]) -> None:
    from operators.core.alternatives import what_is_needed

    schema = cls.model_json_schema()
    required = schema.get("required", ())
    rows = [
        (name, describe_type(item, schema), "required" if name in required else _default(item), item.get("description", ""))
        for name, item in schema.get("properties", {}).items()
        if name not in EVERY_OPERATOR
    ]
    if rows:
        output().print(table(("parameter", "type", "default", "description"), rows, title="Parameters"))
    if needed := what_is_needed(cls.either, cls.at_least_one):
        output().print(f"Give {'; '.join(needed)}.\n")


def _default(item: dict[str, Any]) -> str:
    from json import dumps

    text = dumps(item.get("default"), ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _check_choice(option: str, value: str | None, known: Iterable[str]) -> None:
    from operators.tables.errors import closest

    choices = sorted(set(known))
    if value is not None and value not in choices:
        raise typer.BadParameter(f'there is no {option} "{value}", only {", ".join(choices)}. {closest(value, choices)}'.rstrip())
