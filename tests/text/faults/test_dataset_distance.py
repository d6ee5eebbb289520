"""Faults of the reference's distance between two data sets (maximum mean discrepancy)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from operators.core.kinds import Evaluate
from operators.tables.storage import MemoryStorage
from operators.text.scores.diversity import MaximumMeanDiscrepancyEvaluator, Vectors, maximum_mean_discrepancy
from tests.faults import fault


def table(*vectors: list[float]) -> MemoryStorage:
    return MemoryStorage(pa.table({"text": ["a text"] * len(vectors), "embedding": list(vectors)}))


def by_definition(own: Vectors, other: Vectors, sigma: float) -> float:
    """MMD² as the paper writes it, pair by pair."""

    def kernel(left: Vectors, right: Vectors) -> float:
        return float(np.mean([[np.exp(-np.sum((one - two) ** 2) / (2 * sigma**2)) for two in right] for one in left]))

    return kernel(own, own) + kernel(other, other) - 2 * kernel(own, other)


OWN, OTHER = [[1.0, 0.0], [0.6, 0.8], [0.28, 0.96]], [[0.0, 1.0], [-1.0, 0.0], [0.8, 0.6]]


@fault("pulls in a niche package for a few lines of maths")
@fault("trust_remote_code on")
def test_it_is_numpy_alone_and_follows_the_definition() -> None:
    for sigma in (0.3, 1.0, 5.0):
        assert maximum_mean_discrepancy(np.array(OWN), np.array(OTHER), sigma) == pytest.approx(by_definition(np.array(OWN), np.array(OTHER), sigma))
    code = (
        "import sys, pyarrow as pa\nfrom operators.tables.storage import MemoryStorage\n"
        "from operators.text.scores.diversity import MaximumMeanDiscrepancyEvaluator\n"
        "table = MemoryStorage(pa.table({'text': ['a cat', 'a dog']}))\n"
        "MaximumMeanDiscrepancyEvaluator().run(table, table, into=MemoryStorage())\nprint(*sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    made = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True, env=environment)
    loaded = {name.split(".")[0] for name in made.stdout.split()}
    assert "numpy" in loaded
    assert not loaded & {"distflow", "torch", "transformers", "sentence_transformers", "vllm", "redis", "scipy", "sklearn"}


@fault("no median heuristic for sigma")
def test_the_width_of_the_kernel_is_the_median_distance_unless_given() -> None:
    together = np.array(OWN + OTHER)  # 15 pairs: the median is one of them
    distances = [np.linalg.norm(one - two) for at, one in enumerate(together) for two in together[:at]]
    median = float(np.median(distances))
    assert maximum_mean_discrepancy(np.array(OWN), np.array(OTHER)) == pytest.approx(by_definition(np.array(OWN), np.array(OTHER), median))


@fault("does not write storage")
def test_the_distance_is_a_column_of_the_table() -> None:
    own, other, made = table(*OWN), table(*OTHER), MemoryStorage()
    MaximumMeanDiscrepancyEvaluator(sigma=1.0).run(own, other, into=made)
    assert [row["mmd"] for row in made.read().to_pylist()] == pytest.approx([by_definition(np.array(OWN), np.array(OTHER), 1.0)] * 3)


@fault("20 constructor arguments mix three concerns")
def test_its_parameters_say_how_to_measure_and_nothing_of_how_vectors_are_made_or_cached() -> None:
    own = set(MaximumMeanDiscrepancyEvaluator.model_fields) - set(Evaluate.model_fields)
    assert own == {"max_rows", "sigma", "seed", "dimensions", "ngrams"}
    bound = MaximumMeanDiscrepancyEvaluator().bind(input_embedding="my_vectors")
    made = MemoryStorage()
    source = pa.table({"text": ["a", "b"], "my_vectors": [[1.0, 0.0], [0.0, 1.0]]})
    bound.run(MemoryStorage(source), MemoryStorage(source), into=made)
    assert made.read().to_pylist()[0]["mmd"] == pytest.approx(0, abs=1e-12)
