"""Deita's selection, against the algorithm as the paper writes it: one row after the other, best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from operators.generic.selection import deita as deita_selection
from operators.generic.selection.deita import DeitaSelection
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from tests.faults import fault


class Angles:
    """The answer is an angle in degrees: cosines are easy to say."""

    dimensions = 2

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        self.embedded += texts
        angles = np.radians([float(text.split("\n\n")[1]) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


Row = tuple[str, float, float | None, float | None]


def select(operator: DeitaSelection, rows: Sequence[Row], embedding: Angles | None = None) -> tuple[list[str], dict[str, str]]:
    names, angles, complexity, quality = zip(*rows, strict=True)
    table = pa.table(
        {
            "row_id": list(names),
            "instruction": ["turn"] * len(rows),
            "output": [str(angle) for angle in angles],
            "deita_complexity": pa.array(complexity, pa.float64()),
            "deita_quality": pa.array(quality, pa.float64()),
        }
    )
    kept, rejected = MemoryStorage(), MemoryStorage()
    operator.run(MemoryStorage(table), into=kept, rejected=rejected, resources={"embedding": embedding or Angles()})
    return [row["row_id"] for row in kept.read().to_pylist()], {row["row_id"]: row["rejected_reason"] for row in rejected.read().to_pylist()}


@fault("Deita's real recipe (complexity x quality ranking then diversity) is not implemented")
class TestTheRecipe:
    ROWS: Sequence[Row] = (
        ("hard but wrong", 0, 6, 1),  # 6
        ("good", 10, 4, 4),  # 16
        ("best", 0, 4, 5),  # 20, and "good" is within 26 degrees of it
        ("other", 90, 3, 4),  # 12
        ("third", 180, 2, 3),  # 6, of equal scores the first by id is "hard but wrong"
        ("unscored", 270, None, 6),
    )

    def test_rows_are_taken_by_complexity_times_quality_and_only_where_unlike_all_that_were_kept(self) -> None:
        names, reasons = select(DeitaSelection(rows=3), self.ROWS)
        assert names == ["best", "other", "third"]
        assert reasons == {
            "hard but wrong": "like best, which has a higher score (cosine 1.000)",
            "good": "like best, which has a higher score (cosine 0.985)",
            "unscored": "a score is null",
        }

    def test_it_ends_with_the_budget(self) -> None:
        names, reasons = select(DeitaSelection(rows=2), self.ROWS)
        assert names == ["best", "other"]
        assert reasons["third"] == "the 2 rows are full"
        assert select(DeitaSelection(share=0.4), self.ROWS)[0] == ["best", "other"], "40 % of the five rows that have scores"
        assert select(DeitaSelection(rows=0), self.ROWS)[0] == []

    def test_the_threshold_is_a_cosine(self) -> None:
        assert select(DeitaSelection(rows=6, max_similarity=0.99), self.ROWS)[0] == ["good", "best", "other", "third"]

    @pytest.mark.parametrize("step", [2, 7, 2048])
    def test_it_is_the_papers_algorithm_however_the_rows_are_cut_into_steps(self, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deita_selection, "_STEP", step)
        draw = np.random.default_rng(3)
        rows = [(f"{row:02}", float(draw.integers(360)), float(draw.integers(1, 7)), float(draw.integers(1, 7))) for row in range(60)]
        selected: list[tuple[str, float]] = []
        for name, angle, _, _ in sorted(rows, key=lambda row: (-row[2] * row[3], row[0])):
            if len(selected) < 9 and all(np.cos(np.radians(angle - other)) < 0.9 for _, other in selected):
                selected.append((name, angle))
        assert select(DeitaSelection(rows=9), rows)[0] == sorted(name for name, _ in selected)


def test_only_the_rows_that_the_walk_comes_to_are_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deita_selection, "_STEP", 5)
    embedding = Angles()
    select(DeitaSelection(rows=3), [(str(row), 40.0 * row, 1.0, float(100 - row)) for row in range(100)], embedding)
    assert len(embedding.embedded) == 5


@pytest.mark.parametrize("parameters", [{}, {"rows": 1, "share": 0.5}])
def test_a_selection_needs_one_size(parameters: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="needs either rows or share"):
        DeitaSelection(**parameters)
