"""Faults of the reference's scores by the Perspective service: PerspectiveSampleEvaluator, PerspectiveFilter."""

from __future__ import annotations

import math
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pytest

from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from operators.text.raters.model_scores import ToxicityEvaluator
from tests.faults import fault
from tests.text import tiny_models


def scored(operator: ToxicityEvaluator, *texts: str | None) -> list[dict[str, Any]]:
    kept = MemoryStorage()
    operator.run(MemoryStorage(pa.table({"text": pa.array(texts, pa.string())})), into=kept)
    return kept.read().to_pylist()


@fault("API failure (NaN) lets toxic text through")
@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_text_without_a_score_does_not_pass(missing: float | None) -> None:
    rows = MemoryStorage(
        pa.table({"text": ["unknown", "kind", "toxic"], "toxicity_toxic": pa.array([missing, 0.1, 0.9], pa.float64(), from_pandas=False)})
    )
    rejected, kept = MemoryStorage(), MemoryStorage()
    ScoreFilter(max=0.5).run(rows, into=kept, rejected=rejected, input_score="toxicity_toxic")
    assert kept.read(["text"]).column(0).to_pylist() == ["kind"]
    assert [row["rejected_reason"] for row in rejected.read().to_pylist()] == ["toxicity_toxic is null", "toxicity_toxic = 0.9, above max = 0.5"]


@pytest.fixture
def classifier(tmp_path: Path) -> Callable[[int], str]:
    """A real model of six labels with random weights, by seed: the folder of it."""
    extra = "the extra [models] is not installed: pip install 'dataflow-dagster[models]'"
    torch = pytest.importorskip("torch", reason=extra)
    pytest.importorskip("transformers", reason=extra)

    def make(seed: int) -> str:
        folder = tmp_path / str(seed)
        tiny_models.classifier_into(folder, 6)
        if seed:
            from safetensors.torch import load_file, save_file

            state = load_file(folder / "model.safetensors")
            torch.manual_seed(seed)
            changed = {name: value + torch.randn_like(value) for name, value in state.items()}
            save_file(changed, folder / "model.safetensors", {"format": "pt"})
        return str(folder)

    return make


@fault("service ends 31 December 2026 and takes no new keys")
@fault("service ends 2026")
@fault("GOOGLE_API_KEY required in environment")
@fault("no retry and no rate limiting (default quota 1 request/s), every error becomes NaN")
def test_toxicity_is_computed_here_without_a_service_a_key_or_a_network(classifier: Callable[[int], str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("something asked the network")

    weights = classifier(0)
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for key in [key for key in os.environ if key.endswith(("_KEY", "_TOKEN"))]:
        monkeypatch.delenv(key)
    made = scored(ToxicityEvaluator(weights=weights, max_length=32), "a bad dog", "the cat", "", None)
    assert all(0 <= row[f"toxicity_{label}"] <= 1 for row in made[:3] for label in ToxicityEvaluator().card.labels)
    assert made[3]["toxicity_toxic"] is None
    assert len({row["toxicity_toxic"] for row in made}) == 4


@fault("language not given")
@fault("service object is always built inside, cannot be injected")
def test_the_model_and_so_the_language_is_the_callers_choice(classifier: Callable[[int], str]) -> None:
    english, other = classifier(0), classifier(1)
    one, two = (scored(ToxicityEvaluator(weights=weights, max_length=32), "a bad dog")[0]["toxicity_toxic"] for weights in (english, other))
    assert one != two
    card = ToxicityEvaluator().card.model_copy(update={"weights": other, "name": "toxicity_de"})
    assert scored(ToxicityEvaluator(card=card, max_length=32), "a bad dog")[0]["toxicity_de_toxic"] == two
