"""Faults of the reference's scores of a whole table: Task2VecDatasetEvaluator, VendiDatasetEvaluator."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from operators.core.operator import Operator
from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from operators.text.scores import task2vec
from operators.text.scores.diversity import VendiEvaluator
from operators.text.scores.task2vec import Task2VecDiversityEvaluator
from tests.faults import fault
from tests.text import tiny_models

TEXTS = [" ".join(random.Random(seed).choices(tiny_models.WORDS, k=8)) for seed in range(40)]


def rows(*texts: str) -> MemoryStorage:
    return MemoryStorage(pa.table({"text": texts}))


def scored(operator: Operator, table: MemoryStorage) -> MemoryStorage:
    kept = MemoryStorage()
    operator.run(table, into=kept)
    return kept


# Task2VecDatasetEvaluator


@pytest.fixture
def probe(tmp_path: Path) -> str:
    """The folder of a real language model with random weights, whose output layer is tied to its embeddings."""
    extra = "the extra [models] is not installed: pip install 'dataflow-dagster[models]'"
    for package in ("torch", "transformers"):
        pytest.importorskip(package, reason=extra)
    return str(tiny_models.causal_into(tmp_path))


@fault("each round resets the global Python/numpy/torch seeds to 42 so rounds 2..N draw the SAME rows")
def test_batches_have_rows_of_their_own_and_no_global_seed_is_touched(probe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    drawn: list[list[tuple[int, ...]]] = []
    whole = Task2VecDiversityEvaluator._fisher_vector

    def noted(self: Any, model: Any, group: Any, device: str) -> Any:
        drawn.append([tuple(tokens) for tokens in group])
        return whole(self, model, group, device)

    monkeypatch.setattr(Task2VecDiversityEvaluator, "_fisher_vector", noted)
    states = random.getstate(), repr(np.random.get_state()), torch.get_rng_state()
    operator = Task2VecDiversityEvaluator(weights=probe, batches=4, batch_rows=3, epochs=1)
    scored(operator, rows(*TEXTS))
    assert random.getstate() == states[0]
    assert repr(np.random.get_state()) == states[1]
    assert torch.equal(torch.get_rng_state(), states[2])
    texts = [text for batch in drawn for text in batch]
    assert len(drawn) == 4
    assert len(texts) == len(set(texts)) == 12
    scored(operator.changed(seed=1), rows(*TEXTS))
    assert {text for batch in drawn[4:] for text in batch} != set(texts)


@fault("the probe network is never restored, training accumulates over rounds (and lm_head is tied to the embeddings)")
def test_no_batch_sees_what_another_has_changed(probe: str) -> None:
    """Of batches that are alike, each is as far from the next, however many came before; and the embeddings stay as they are."""
    from operators.bases.models.likelihood import load_causal

    operator = Task2VecDiversityEvaluator(weights=probe, batches=3, batch_rows=2, epochs=3, learning_rate=0.1)
    same = scored(operator, rows(*["the cat sat on the mat"] * 6)).read().to_pylist()
    assert [row["task2vec_diversity"] for row in same] == pytest.approx([0] * 6, abs=1e-6)
    model = load_causal(probe, "cpu", operator.name, operator.precision)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    first, second = (scored(operator, rows(*TEXTS)).read().to_pylist() for _ in range(2))
    assert first == second
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())


@fault("result is not written to storage, so the pipeline step produces no file and the next step cannot read")
@fault("prints debugging lines")
def test_the_coefficient_is_a_column_that_the_next_step_reads_and_nothing_is_printed(probe: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    made = scored(Task2VecDiversityEvaluator(weights=probe, batches=2, batch_rows=2, epochs=1), rows(*TEXTS[:6]))
    kept = MemoryStorage()
    report = ScoreFilter(min=0).run(made, into=kept, input_score="task2vec_diversity")
    assert (report.rows_in, report.rows_out, kept.count_rows()) == (6, 6, 6)
    assert "Task2Vec" not in capsys.readouterr().out


@fault("480 lines of vendored plotting code")
def test_the_method_is_a_short_file_that_plots_nothing(modules_after: Callable[[str], set[str]]) -> None:
    source = inspect.getsource(task2vec)
    assert len(source.splitlines()) < 200
    assert not {"matplotlib", "seaborn", "plotly", "torch"} & modules_after("import operators.text.scores.task2vec")
    assert "plot" not in source


# VendiDatasetEvaluator


@fault("returns without storage.write so the step chain breaks")
def test_the_vendi_score_is_a_column_that_the_next_step_reads() -> None:
    made = scored(VendiEvaluator(), rows("one text here", "another quite different one", "one text here"))
    kept = MemoryStorage()
    ScoreFilter(min=1.5).run(made, into=kept, input_score="vendi_score")
    (score,) = set(kept.read(["vendi_score"]).column(0).to_pylist())
    assert 1.5 < score < 2.5
    assert kept.count_rows() == 3


@fault("O(n^2) kernel and O(n^3) eigen decomposition, no sampling")
def test_the_matrix_has_the_size_of_the_vectors_however_many_rows_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    whole = np.linalg.eigvalsh

    def noted(matrix: Any) -> Any:
        sizes.append(len(matrix))
        return whole(matrix)

    monkeypatch.setattr(np.linalg, "eigvalsh", noted)
    for count in (10, 3000, 6000):
        made = scored(VendiEvaluator(dimensions=32, ngrams=1), rows(*(f"word{number} word{number * 7 % 11} text" for number in range(count))))
        assert 1 < made.read(["vendi_score"]).column(0)[0].as_py() <= min(count, 32)
    assert sizes == [10, 32, 32], "the rows while they are fewer, then the dimensions"


@fault("two models reloaded on each call")
def test_words_need_no_model_and_vectors_are_made_once_by_their_own_stage(modules_after: Callable[[str], set[str]]) -> None:
    used = modules_after("""
from operators.text.scores.diversity import VendiEvaluator
VendiEvaluator().run(MemoryStorage(pa.table({"text": ["a b", "c d"]})), into=MemoryStorage())
""")
    assert not {"torch", "transformers", "sentence_transformers", "vendi_score"} & used
    vectors = MemoryStorage(pa.table({"text": ["a", "b", "c"], "embedding": [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]}))
    (score,) = set(scored(VendiEvaluator(), vectors).read(["vendi_score"]).column(0).to_pylist())
    shares = np.array([1 / 3, 2 / 3])
    assert score == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
