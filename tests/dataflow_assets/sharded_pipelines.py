"""A pipeline over a folder of shards that gathers them for deduplication, and its definitions.

`dagster asset materialize -m tests.dataflow_assets.sharded_pipelines --select 'group:sharded_text' --partition a`, with SHARDS_FOLDER and
DATAFLOW_WAREHOUSE set.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dagster as dg

from dataflow_assets.component import PipelineComponent
from dataflow_assets.io_manager import WarehouseIOManager
from dataflow_assets.resources import LLMResource, WarehouseResource
from operators.core.sequential import Sequential
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.raters.educational_value import EducationalValueEvaluator
from operators.text.rules.whole_text import WordCountFilter


class ShardedText(Pipeline):
    """Rate texts shard by shard, and keep one of those that are equal over all shards."""

    expects = {"text": str}

    def __init__(self, min_words: int = 2, system: str = "You are a judge.") -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.long_enough = WordCountFilter(min_words=min_words)
        self.rate = EducationalValueEvaluator(prompt={"system": system})
        self.exact = ExactDedup()

    def forward(self, documents: Handle) -> Handle:
        rated = self.rate(self.long_enough(self.clean(documents)))
        return self.exact(rated.gathered())


class EachText(Pipeline):
    """Clean texts; nothing is gathered."""

    def __init__(self) -> None:
        self.clean = Sequential(NormalizeSpaces())

    def forward(self, documents: Handle) -> Handle:
        return self.clean(documents)


def write_shard(folder: Path, name: str, *texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


def definitions(source: str, warehouse: str, pipeline: type[Pipeline] = ShardedText, **attributes: Any) -> dg.Definitions:
    component = PipelineComponent(
        pipeline=f"{pipeline.__module__}:{pipeline.__name__}",
        source=source,
        **{"partitions": {"source": "documents", "by": "file"}, **attributes},
    )
    store = WarehouseResource(root=warehouse)
    resources = {"warehouse": store, "llm": LLMResource(max_in_flight=4), "io_manager": WarehouseIOManager(warehouse=store)}
    return dg.Definitions.merge(component.definitions(), dg.Definitions(resources=resources, executor=dg.in_process_executor))


if "SHARDS_FOLDER" in os.environ:
    defs = definitions(os.environ["SHARDS_FOLDER"], os.environ["DATAFLOW_WAREHOUSE"])
