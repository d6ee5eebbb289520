"""`dg scaffold defs dataflow_assets.component.PipelineComponent NAME`: asks which pipeline and which source, and writes a defs.yaml that loads."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click
import dagster as dg
from dagster.components import scaffold_component
from pydantic import BaseModel, Field

from operators.tables.errors import ProblemsFound


class PipelineParams(BaseModel):
    """What has to be known for the first line of a deployment."""

    pipeline: str = Field("", description="Name of a pipeline (`dataflow pipelines list`), package.module:Class, or file.py:Class.")
    source: str = Field("", description="What it reads: a file, a folder, a pattern such as data/*.jsonl, or dataset:NAME.")
    name: str = Field("", description="Name of the deployment, where the pipeline is deployed more than once.")


class PipelineScaffolder(dg.Scaffolder[PipelineParams]):
    """Writes the defs.yaml of a pipeline, and only one that compiles."""

    @classmethod
    def get_scaffold_params(cls) -> type[PipelineParams]:
        return PipelineParams

    def scaffold(self, request: dg.ScaffoldRequest[PipelineParams]) -> None:
        module, _, name = request.type_name.rpartition(".")
        component = getattr(importlib.import_module(module), name)
        attributes = _asked_for(request.params)
        try:
            component(**attributes).deployment()
        except (ProblemsFound, ValueError) as error:
            _remove_if_empty(request.target_path)
            raise click.ClickException(f"{error}\n\nNothing was written. Give --pipeline and --source again.") from None
        scaffold_component(request, attributes)


def _asked_for(params: PipelineParams) -> dict[str, Any]:
    """The attributes; what was not given is asked for in a terminal."""
    from dataflow_assets.pipelines import all_pipelines

    known = ", ".join(all_pipelines())
    pipeline = params.pipeline or _ask("pipeline", f"Which pipeline? ({known})")
    source = params.source or _ask("source", "Which source? (a file, a folder, data/*.jsonl, dataset:NAME, installed_documentation)")
    return {"pipeline": pipeline, "source": source} | ({"name": params.name} if params.name else {})


def _ask(option: str, question: str) -> str:
    if not sys.stdin.isatty():
        raise click.ClickException(f"--{option} is not given, and there is no terminal to ask in. {question}")
    return str(click.prompt(question, type=str))


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
