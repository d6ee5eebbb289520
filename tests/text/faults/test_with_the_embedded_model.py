"""Raters with a real, small model: what it says is weak, but it cannot answer in another shape than was asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from operators.core.operator import Operator
from operators.tables.storage import MemoryStorage
from operators.text.raters.instructions import AlpagasusEvaluator, InstagEvaluator, TreeInstructEvaluator
from resources import models
from resources.llm import LLMSettings, open_serving
from tests.faults import fault

pytestmark = pytest.mark.skipif(
    not models.list()[0].present and "DATAFLOW_REQUIRE_MODELS" not in os.environ,
    reason="the weights are not there: run `dataflow models get` (DATAFLOW_REQUIRE_MODELS=1 makes this an error)",
)


@fault("float() on the first word has no guard: one 'Score: 4' answer or one failed call aborts the whole run")
@fault("no guard on float(): one bad last line aborts the run")
@fault("a JSON parse error is turned into an object with a tag, i.e. score 1 (looks like a real value)")
@pytest.mark.parametrize("rater", [AlpagasusEvaluator(), TreeInstructEvaluator(), InstagEvaluator()], ids=lambda rater: rater.name)
def test_a_model_of_135_million_parameters_gives_a_rating_at_the_first_asking(
    rater: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATAFLOW_LLM_BASE_URL", "DATAFLOW_LLM_MODEL"):
        monkeypatch.delenv(name, raising=False)
    serving = open_serving(LLMSettings.from_environment(cache_path=tmp_path / "answers.sqlite"))
    made = MemoryStorage()
    rows = pa.table({"instruction": ["List two uses of a clip."], "output": ["Holding paper."]})
    report = rater.run(MemoryStorage(rows), into=made, resources={"llm": serving})
    score = made.read().column(next(iter(rater.output_columns().values()))).to_pylist()[0]
    assert score is not None
    assert score >= 0
    assert report.usage["llm"].calls == 1
