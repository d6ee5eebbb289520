"""The resources of a run without Dagster: what `dataflow run` gives to operators, by what they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from operators.pipeline.pipeline import Pipeline
from operators.pipeline.plan import Plan
from operators.tables.storage import Storage


def _language_model() -> Any:
    from resources.llm import LLMSettings, open_serving

    return open_serving(LLMSettings.from_environment())


def _embedding() -> Any:
    from resources.embeddings import open_embeddings

    return open_embeddings()


OPENERS: Mapping[str, Callable[[], Any]] = {"llm": _language_model, "embedding": _embedding}
"""Every language model that a pipeline names is the one that the environment variables say."""


def compile_for_run(pipeline: Pipeline, sources: Mapping[str, pa.Schema | Storage] | None = None, sharded: str | None = None) -> Plan:
    """The plan, with a problem for every resource that a run without Dagster cannot give.

    Raises:
        CompileError: everything that is wrong.
    """
    plan = pipeline.compile(sources, sharded=sharded)
    given = {name for stage in plan.stages for need, name in stage.resources.items() if need in OPENERS}
    return pipeline.compile(sources, resources=given, sharded=sharded)


def open_resources(plan: Plan) -> dict[str, Any]:
    """Name -> resource, of those that the stages need; one for all names of the same need."""
    needed = {name: need for stage in plan.stages for need, name in stage.resources.items()}
    opened = {need: OPENERS[need]() for need in sorted(set(needed.values()))}
    return {name: opened[need] for name, need in needed.items()}
