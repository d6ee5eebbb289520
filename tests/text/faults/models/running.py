"""Tiny models that run: what their operators are given, and what comes of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeAlias

import pyarrow as pa
import pytest

from operators.core.operator import Operator
from operators.tables.storage import MemoryStorage
from tests.text import tiny_models

NEEDS_MODELS = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("transformers") is None,
    reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'",
)

Rows: TypeAlias = list[dict[str, Any]]
Shapes: TypeAlias = list[tuple[int, int]]
Folder: TypeAlias = Callable[..., str]
"""folder("classifier", 1) -> a folder with a tiny model of that kind."""

SHUFFLED = random.Random(5)
MIXED = [" ".join(SHUFFLED.choices(tiny_models.WORDS, k=SHUFFLED.choice([2, 3, 5, 8, 20, 40]))) for _ in range(60)]


def scored(operator: Operator, rows: Rows) -> Rows:
    kept = MemoryStorage()
    operator.run(MemoryStorage(pa.Table.from_pylist(rows)), into=kept)
    return kept.read().to_pylist()


def texts(*values: str) -> Rows:
    return [{"text": value} for value in values]


def direct(folder: str, *parts: str) -> list[float]:
    """What transformers alone makes of one row."""
    import torch
    import transformers

    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        return list(model(**transformers.AutoTokenizer.from_pretrained(folder)(*parts, return_tensors="pt")).logits[0].tolist())


def dialogues(count: int) -> Rows:
    return [{"instruction": f"what is {'a cat ' * row}", "output": "it is a dog"} for row in range(1, count + 1)]
