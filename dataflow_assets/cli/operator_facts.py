"""What there is to say of an operator class, for people and for programs."""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dataflow_assets.cli.operator_tasks import task_of

if TYPE_CHECKING:
    from operators.core.operator import Operator
    from operators.tables.columns import Input, Output

EVERY_OPERATOR = ("columns", "max_failed", "checkpoint")
"""Parameters that every operator has; said once, not in each table."""


def as_data(cls: type[Operator]) -> dict[str, Any]:
    """Everything that `operators list --json` tells of an operator."""
    from operators.core import registry

    inputs, outputs = columns_of(cls)
    return {
        "name": cls.__name__,
        "module": cls.__module__,
        "kind": kind_of(cls),
        "adds_rows": cls.adds_rows,
        "tables": list(cls.tables),
        "domain": registry.domain(cls),
        "task": task_of(cls),
        "scope": cls.scope,
        "memory": (example := cls(**cls.example)).memory,
        "sketch_bytes": example.sketch_bytes or None,
        "needs": needs_of(cls),
        "extra": cls.extra or None,
        "packages": list(cls.packages),
        "asks": list(cls.asks),
        "covers": list(cls.covers),
        "source": cls.source or None,
        "version": cls.version,
        "description": inspect.getdoc(cls) or "",
        "example": example_of(cls),
        "parameters": cls.model_json_schema(),
        "inputs": {short: column_data(item, short) for short, item in inputs.items()},
        "outputs": {short: column_data(item, short) for short, item in outputs.items()},
    }


def memory_of(cls: type[Operator]) -> str:
    """What an example holds of a table of any length."""
    example = cls(**cls.example)
    return {
        "row": "row: a batch of rows at a time",
        "sketch": f"sketch: {example.sketch_bytes:,} bytes a row",
        "table": "table: the columns that it reads, of all rows",
    }[example.memory]


def columns_of(cls: type[Operator]) -> tuple[dict[str, Input], dict[str, Output]]:
    """Those of an example, because some operators take their columns from their parameters."""
    example = cls(**cls.example)
    return example.inputs(), example.outputs()


def column_data(item: Input | Output, short: str) -> dict[str, Any]:
    data: dict[str, Any] = {"column": item.column or short, "type": type_of(item)}
    if getattr(item, "optional", False):
        data["optional"] = True
    if item.description:
        data["description"] = item.description
    return data


def type_of(item: Input | Output) -> str:
    from operators.tables.types import type_name

    return type_name(item.type) + (", optional" if getattr(item, "optional", False) else "")


def kind_of(cls: type[Operator]) -> str:
    """A Sequential has the kind of its parts, whatever that is."""
    return cls.kind if isinstance(cls.kind, str) else "any"


def needs_of(cls: type[Operator]) -> list[str]:
    """Names of resources: llm, embedding, sandbox, model, ..."""
    return list(cls.needs) if isinstance(cls.needs, tuple) else []


def everything_needed(cls: type[Operator]) -> list[str]:
    """Resources, and the extra to be installed: "llm", "model", "[models]"."""
    return [*needs_of(cls), *([f"[{cls.extra}]"] if cls.extra else [])]


def summary_of(cls: type[Operator]) -> str:
    """The first sentence of its description, in one line."""
    paragraph = " ".join((inspect.getdoc(cls) or "").split("\n\n", 1)[0].split())
    return re.split(r"(?<=[\w)\]\"'`%]\.) ", paragraph, maxsplit=1)[0]


def installation_of(cls: type[Operator]) -> str:
    """What to install for it, and what of that is not there; empty where the default installation does."""
    if not cls.packages:
        return ""
    command = f"pip install 'dataflow-dagster[{cls.extra}]'" if cls.extra else f"pip install {' '.join(cls.packages)}"
    missing = [package for package in cls.packages if importlib.util.find_spec(package.partition(".")[0]) is None]
    return f"{command} ({'missing here: ' + ', '.join(missing) if missing else 'installed'})"


def example_of(cls: type[Operator]) -> str:
    """Python that runs it on files."""
    needs = [need for need in needs_of(cls) if need in ("llm", "embedding", "sandbox", "database", "documents")]
    opened = {
        "llm": ("from resources.llm import LLMSettings, open_serving", "open_serving(LLMSettings.from_environment())"),
        "database": ("from resources.databases import DatabaseSettings, open_databases", 'open_databases(DatabaseSettings(path="dataset:chinook"))'),
        "embedding": ("from resources.embeddings import EmbeddingSettings, open_embeddings", "open_embeddings(EmbeddingSettings.from_environment())"),
        "sandbox": ("from resources.sandbox import open_sandbox", "open_sandbox()"),
        "documents": ("from resources.documents import open_documents", "open_documents()"),
    }
    parameters = ", ".join(f"{name}={value!r}" for name, value in _parameters_needed(cls).items())
    files = ", ".join(f'FileStorage("{name}.jsonl")' for name in cls.tables)
    resources = ", ".join(f'"{need}": {opened[need][1]}' for need in needs)
    imports = ["from operators import FileStorage", f"from {cls.__module__} import {cls.__name__}", *(opened[need][0] for need in needs)]
    given = f", resources={{{resources}}}" if needs else ""
    return "\n".join([*imports, "", f"operator = {cls.__name__}({parameters})", f'operator.run({files}, into=FileStorage("out.jsonl"){given})'])


def _parameters_needed(cls: type[Operator]) -> Mapping[str, Any]:
    """None where the defaults make one, else those of the class's example."""
    from operators.tables.errors import ParameterError

    try:
        cls()
    except ParameterError:
        return cls.example
    return {}
