"""A small pipeline with a language model, a branch and a join, and its definitions.

`dagster job execute -m tests.dataflow_assets.small_pipelines -j rated`, with RATED_SOURCE and DATAFLOW_WAREHOUSE set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from dataflow_assets.component import PipelineComponent
from dataflow_assets.io_manager import WarehouseIOManager
from dataflow_assets.resources import LLMResource, WarehouseResource
from operators.core.sequential import Sequential
from operators.generic.join import Union
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.raters.educational_value import EducationalValueEvaluator
from operators.text.rules.whole_text import WordCountFilter


class Rated(Pipeline):
    """Rate texts, part the good from the bad, and bring them together again."""

    expects = {"text": str}

    def __init__(self, system: str = "You are a judge.") -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.long_enough = WordCountFilter(min_words=2)
        self.rate = EducationalValueEvaluator(prompt={"system": system})
        self.good = ScoreFilter(min=3)
        self.bad = ScoreFilter(max=2)
        self.all = Union()

    def forward(self, documents: Handle) -> Handle:
        rated = self.rate(self.long_enough(self.clean(documents)))
        return self.all(self.good(rated, input_score="educational_value"), self.bad(rated, input_score="educational_value"))


def definitions(source: str | dict[str, Any], warehouse: str, llm: Mapping[str, Any] | None = None, **attributes: Any) -> dg.Definitions:
    """The deployed pipeline, with resources of its own."""
    component = PipelineComponent(pipeline=f"{__name__}:Rated", source=source, **attributes)
    store = WarehouseResource(root=warehouse)
    resources = {"warehouse": store, "llm": LLMResource(**(llm or {})), "io_manager": WarehouseIOManager(warehouse=store)}
    return dg.Definitions.merge(component.definitions(), dg.Definitions(resources=resources, executor=dg.in_process_executor))


def documents(path: Path, *texts: str) -> str:
    import json

    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return str(path)


if "RATED_SOURCE" in os.environ:
    defs = definitions(os.environ["RATED_SOURCE"], os.environ["DATAFLOW_WAREHOUSE"], {"max_in_flight": 8})
