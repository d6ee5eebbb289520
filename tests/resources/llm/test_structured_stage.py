"""A stage with a structured answer on the embedded model, really run: every answer fits the schema at the first asking.

DATAFLOW_TEST_STRUCTURED=100 is the long form of this test.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from operators.tables.storage import MemoryStorage
from operators.text.raters.educational_value import EducationalValueEvaluator
from resources import models
from resources.llm import LLMSettings, open_serving

ROWS = int(os.environ.get("DATAFLOW_TEST_STRUCTURED", "10"))
TEXTS = [
    "Plants make sugar from light and air.",
    "BUY NOW!!! cheap watches",
    "def f(x): return x + 1",
    "Ünïcödé 🎉 テキスト",
    '{"score": "seven"}',
    "\\\"' \t |",
]


@pytest.mark.skipif(
    not models.list()[0].present and "DATAFLOW_REQUIRE_MODELS" not in os.environ, reason="the weights are not there: dataflow models get"
)
def test_every_answer_of_a_stage_fits_its_schema(tmp_path: Path) -> None:
    serving = open_serving(LLMSettings(provider="embedded", cache_path=tmp_path / "answers.sqlite"))
    rows = MemoryStorage(pa.table({"text": [f"{TEXTS[number % len(TEXTS)]} ({number})" for number in range(ROWS)]}))
    rated = MemoryStorage()
    report = EducationalValueEvaluator(max_reasks=0).run(rows, into=rated, resources={"llm": serving})
    assert (report.rows_out, report.failed) == (ROWS, 0), report.failures
    values = rated.read().to_pylist()
    assert all(0 <= row["educational_value"] <= 5 and isinstance(row["educational_reason"], str) for row in values)
