"""`--set stage.parameter=value` and `--input name=FILE`: what is given on the command line, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer


def parse_settings(given: Sequence[str]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """("min_words=20", "quality.max_failed=0.1") -> parameters of the pipeline, and parameters by stage.

    Values are JSON where they read as JSON, else text. `quality.WordCountFilter.min_words=20` reaches a part of a Sequential.
    """
    pipeline: dict[str, Any] = {}
    stages: dict[str, dict[str, Any]] = {}
    for item in given:
        name, equals, text = item.partition("=")
        parts = name.split(".")
        if not equals or not all(parts) or len(parts) > 3:
            raise typer.BadParameter(f'--set takes STAGE.PARAMETER=VALUE or PARAMETER=VALUE, not "{item}"')
        target: dict[str, Any] = pipeline if len(parts) == 1 else stages.setdefault(parts[0], {})
        for part in parts[1:-1]:
            target = target.setdefault(part, {})
        target[parts[-1]] = _value(text)
    return pipeline, stages


def parse_named_files(option: str, given: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """("documents=a.jsonl", "benchmark=b.csv") -> name -> file; with one name the file alone is enough."""
    files: dict[str, str] = {}
    for item in given:
        name, equals, path = item.partition("=")
        if not equals or name not in names:
            if len(names) > 1:
                choices = ", ".join(f"{option} {name}=FILE" for name in names)
                raise typer.BadParameter(f'"{item}" does not say what it is for: {choices}')
            name, path = names[0], item
        if name in files:
            raise typer.BadParameter(f"{option} gives {name} twice: {files[name]} and {path}")
        files[name] = path
    return files


def _value(text: str) -> Any:
    import orjson

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
