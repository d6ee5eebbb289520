"""From the arguments PIPELINE, --set and --input to a pipeline."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow_assets.cli.settings import parse_named_files, parse_settings

if TYPE_CHECKING:
    from operators.pipeline.pipeline import Pipeline
    from operators.tables.storage import Storage


def pipeline_class(reference: str) -> type[Pipeline]:
    """The class that `web_text`, `package.module:Class` or `file.py:Class` names; a module may stand in the current folder."""
    from dataflow_assets.pipelines import find_pipeline

    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    return find_pipeline(reference)


def configured_pipeline(reference: str, settings: Sequence[str]) -> Pipeline:
    parameters, stages = parse_settings(settings)
    return pipeline_class(reference)(**parameters).configure(stages)


def sources_given(pipeline: Pipeline, given: Sequence[str]) -> dict[str, Storage]:
    """Source -> table, from `--input`: files, or the names of built-in sources."""
    from resources.sources import open_source, source_settings

    files = parse_named_files("--input", given, pipeline.source_names())
    return {name: open_source(source_settings(path)) for name, path in files.items()}
