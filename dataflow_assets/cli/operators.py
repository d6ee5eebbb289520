"""dataflow operators: what can be done to a table."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import examples, output, print_json, table
from dataflow_assets.cli.json_schema import describe_type

if TYPE_CHECKING:
    from operators.core.columns import Input, Output
    from operators.core.operator import Operator

app = typer.Typer(help="What can be done to a table: list the operators, or show one.", no_args_is_help=True)

EVERY_OPERATOR = ("columns", "max_failed")
"""Parameters that every operator has; said once, not in each table."""


@app.command("list", epilog=examples("dataflow operators list --kind filter --domain text", "dataflow operators list --json"))
def list_operators(
    kind: Annotated[str | None, typer.Option(help="Only this kind: generate, evaluate, filter or refine.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only this domain: text, math, code, ...")] = None,
    needs: Annotated[str | None, typer.Option(help='Only those that need this: llm, embedding, model, ...; "nothing" for none.')] = None,
    search: Annotated[str | None, typer.Option(help="Only those whose name, description or reference names contain this.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything about each, with the JSON schema of its parameters.")] = False,
) -> None:
    """List the operators that are installed."""
    from operators.core import registry

    known = registry.all_operators()
    _check_choice("kind", kind, {_kind(cls) for cls in known})
    _check_choice("domain", domain, {registry.domain(cls) for cls in known})
    found = [
        cls
        for cls in known
        if (kind is None or _kind(cls) == kind)
        and (domain is None or registry.domain(cls) == domain)
        and (needs is None or (needs in _needs(cls) if needs != "nothing" else not _needs(cls)))
        and (search is None or search.lower() in " ".join((cls.__name__, inspect.getdoc(cls) or "", *cls.covers)).lower())
    ]
    if json:
        print_json([as_data(cls) for cls in found])
        return
    rows = [(cls.__name__, _kind(cls), registry.domain(cls), ", ".join(_needs(cls)) or "-", _summary(cls)) for cls in found]
    output().print(table(("operator", "kind", "domain", "needs", "what it does"), rows))
    output().print(f"{len(found)} operators. dataflow operators show NAME tells all about one.", style="dim")


@app.command("show", epilog=examples("dataflow operators show WordCountFilter", "dataflow operators show WordNumberFilter    (a reference name)"))
def show_operator(
    name: Annotated[str, typer.Argument(help="Its name, or the name of an operator of the reference system that it covers.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show one operator: what it does, its parameters, the columns that it reads and makes."""
    from operators.core import registry

    cls = registry.find(name)
    if json:
        print_json(as_data(cls))
        return
    console = output()
    if name != cls.__name__:
        console.print(f"[bold]{cls.__name__}[/bold] covers {name}.\n")
    facts = [
        ("kind", f"{_kind(cls)}, {'each row alone' if cls.scope == 'row' else 'the whole table at once'}"),
        ("domain", registry.domain(cls)),
        ("needs", ", ".join(_needs(cls)) or "nothing"),
        ("covers", ", ".join(cls.covers)),
        ("source", cls.source),
        ("defined in", f"{cls.__module__}"),
    ]
    console.print(cls.__name__, style="bold")
    console.print(inspect.getdoc(cls) or "", markup=False)
    console.print()
    for label, value in facts:
        if value:
            console.print(f"{label:<11}{value}", markup=False)
    console.print()
    _print_parameters(cls)
    inputs, outputs = _columns(cls)
    rows = [("reads", f"input_{short}", item.column or short, _type_of(item), item.description) for short, item in inputs.items()]
    rows += [("makes", f"output_{short}", item.column or short, _type_of(item), item.description) for short, item in outputs.items()]
    if rows:
        console.print(table(("", "bind with", "column", "type", "description"), rows, title="Columns"))


def as_data(cls: type[Operator]) -> dict[str, Any]:
    """Everything that `operators list --json` tells of an operator."""
    from operators.core import registry

    inputs, outputs = _columns(cls)
    return {
        "name": cls.__name__,
        "kind": _kind(cls),
        "domain": registry.domain(cls),
        "scope": cls.scope,
        "needs": _needs(cls),
        "extra": cls.extra or None,
        "covers": list(cls.covers),
        "source": cls.source or None,
        "version": cls.version,
        "description": inspect.getdoc(cls) or "",
        "parameters": cls.model_json_schema(),
        "inputs": {short: _column_data(item, short) for short, item in inputs.items()},
        "outputs": {short: _column_data(item, short) for short, item in outputs.items()},
    }


def _columns(cls: type[Operator]) -> tuple[dict[str, Input], dict[str, Output]]:
    """Those of an example, because some operators take their columns from their parameters."""
    example = cls(**cls.example)
    return example.inputs(), example.outputs()


def _column_data(item: Input | Output, short: str) -> dict[str, Any]:
    data: dict[str, Any] = {"column": item.column or short, "type": _type_of(item)}
    if getattr(item, "optional", False):
        data["optional"] = True
    if item.description:
        data["description"] = item.description
    return data


def _type_of(item: Input | Output) -> str:
    from operators.core.types import type_name

    return type_name(item.type) + (", optional" if getattr(item, "optional", False) else "")


def _print_parameters(cls: type[Operator]) -> None:
    schema = cls.model_json_schema()
    required = schema.get("required", ())
    rows = [
        (name, describe_type(item, schema), "required" if name in required else _default(item), item.get("description", ""))
        for name, item in schema.get("properties", {}).items()
        if name not in EVERY_OPERATOR
    ]
    if rows:
        output().print(table(("parameter", "type", "default", "description"), rows, title="Parameters"))


def _default(item: dict[str, Any]) -> str:
    from json import dumps

    text = dumps(item.get("default"), ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _kind(cls: type[Operator]) -> str:
    """A Sequential has the kind of its parts, so the class alone has none."""
    return cls.kind if isinstance(cls.kind, str) else "that of its parts"


def _needs(cls: type[Operator]) -> list[str]:
    return list(cls.needs) if isinstance(cls.needs, tuple) else []


def _summary(cls: type[Operator]) -> str:
    return (inspect.getdoc(cls) or "").split("\n", 1)[0]


def _check_choice(option: str, value: str | None, known: Sequence[str] | set[str]) -> None:
    from operators.core.errors import closest

    if value is not None and value not in known:
        raise typer.BadParameter(f'there is no {option} "{value}", only {", ".join(sorted(known))}. {closest(value, known)}'.rstrip())
