"""Retrieval over another table: what is found, by words and by meaning, narrowed, and how its index is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from operators import MemoryStorage
from operators.asking.answers import TextsRefused
from operators.bases.retrieval import corpus_index
from operators.generic.retrieval.from_table import RetrieveFromTable
from operators.tables.errors import ColumnError
from operators.tables.row_ids import RowIdStorage
from operators.testing import ScriptedEmbedding

CORPUS = [
    {"text": "The ferry to the island leaves at six.", "document": "travel", "section": ["Boats"]},
    {"text": "Bread needs flour, water, salt and time.", "document": "kitchen", "section": ["Baking", "Bread"]},
    {"text": "The island has two bakers.", "document": "travel", "section": ["Food"]},
    {"text": None, "document": "travel", "section": []},
]
QUESTIONS = [{"question": "When does the ferry leave?", "about": "travel"}, {"question": "What does bread need?", "about": "kitchen"}]
TOPICS = {"ferry": (1.0, 0.0, 0.0), "boat": (1.0, 0.0, 0.0), "bread": (0.0, 1.0, 0.0), "loaf": (0.0, 1.0, 0.0)}


def by_topic(text: str) -> tuple[float, ...]:
    return next((vector for word, vector in TOPICS.items() if word in text.lower()), (0.0, 0.0, 1.0))


def corpus(rows: int = len(CORPUS)) -> MemoryStorage:
    return MemoryStorage(RowIdStorage(MemoryStorage(pa.Table.from_pylist(CORPUS[:rows]))).read())


def texts(result: object) -> list[list[str]]:
    return [[passage["text"] for passage in row["passages"]] for row in result.table.to_pylist()]  # type: ignore[attr-defined]


def test_each_question_gets_the_passages_that_share_its_words_with_their_row_ids() -> None:
    table = corpus()
    result = RetrieveFromTable(top=2).run(QUESTIONS, table)
    assert [found[0] for found in texts(result)] == [CORPUS[0]["text"], CORPUS[1]["text"]]
    ids = table.read(["row_id"]).column("row_id").to_pylist()
    rows = result.table.to_pylist()
    assert [row["passage_ids"] for row in rows] == [[passage["id"] for passage in row["passages"]] for row in rows]
    assert all(set(row["passage_ids"]) <= set(ids) for row in rows)
    assert rows[0]["passages"][0]["score"] > rows[0]["passages"][1]["score"]


def test_by_meaning_finds_what_shares_no_word_and_by_both_finds_either() -> None:
    questions = [{"question": "boat"}, {"question": "loaf"}]
    assert texts(RetrieveFromTable(top=1).run(questions, corpus())) == [[], []]
    for by in ("meaning", "both"):
        result = RetrieveFromTable(top=1, by=by).run(questions, corpus(), resources={"embedding": ScriptedEmbedding(by_topic)})
        assert texts(result) == [[CORPUS[0]["text"]], [CORPUS[1]["text"]]]


def test_a_search_is_narrowed_to_the_document_or_the_section_that_the_question_names() -> None:
    anywhere = [{"question": "the island", "about": "travel", "part": "Food"}]
    narrowed = RetrieveFromTable(only={"document": "about", "section": "part"})
    assert texts(narrowed.run(anywhere, corpus())) == [[CORPUS[2]["text"]]]
    assert texts(narrowed.run([{**anywhere[0], "part": "Nowhere"}], corpus())) == [[]]


def test_a_question_that_is_null_has_no_passages_and_one_that_cannot_be_embedded_is_set_aside() -> None:
    class Refusing(ScriptedEmbedding):
        def embed(self, texts):  # type: ignore[no-untyped-def]
            vectors = super().embed(texts)
            if places := {place: "too long" for place, text in enumerate(texts) if "x" * 50 in text}:
                raise TextsRefused("one is too long", vectors, places)
            return vectors

    questions = [{"question": "ferry"}, {"question": None}, {"question": "x" * 50}]
    result = RetrieveFromTable(by="meaning", max_failed=0.5).run(questions, corpus(), resources={"embedding": Refusing(by_topic)})
    assert [row["passages"] is None for row in result.table.to_pylist()] == [False, True]
    assert [row["rejected_reason"] for row in result.rejected.to_pylist()] == ["too long"]


def test_columns_that_the_corpus_lacks_are_named_before_anything_runs() -> None:
    with pytest.raises(ColumnError, match='corpus_text: column "txt" does not exist in the corpus'):
        RetrieveFromTable(corpus_text="txt").run(QUESTIONS, corpus())
    with pytest.raises(ColumnError, match='only: column "documant" does not exist in the corpus'):
        RetrieveFromTable(only={"documant": "about"}).run(QUESTIONS, corpus())
    with pytest.raises(ColumnError, match="only text is searched"):
        RetrieveFromTable(corpus_text="section").run(QUESTIONS, corpus())


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder, in which indexes of any size are kept."""
    monkeypatch.setenv("DATAFLOW_INDEXES", str(tmp_path / "indexes"))
    monkeypatch.setattr(corpus_index, "MADE_IN_MEMORY", 0)
    return tmp_path / "indexes"


def test_an_index_is_made_once_for_a_content_and_again_for_another(kept: Path) -> None:
    embedding = ScriptedEmbedding(by_topic)
    search = RetrieveFromTable(by="both", top=2)
    first = search.run(QUESTIONS, corpus(), resources={"embedding": embedding})
    made = {path: path.stat().st_ino for path in kept.rglob("*") if path.is_file()}
    asked = embedding.texts.count(CORPUS[0]["text"])
    again = search.run(QUESTIONS, corpus(), resources={"embedding": embedding})
    assert texts(first) == texts(again)
    assert {path: path.stat().st_ino for path in kept.rglob("*") if path.is_file()} == made
    assert embedding.texts.count(CORPUS[0]["text"]) == asked == 1
    search.run(QUESTIONS, corpus(2), resources={"embedding": embedding})
    assert len(list(kept.iterdir())) == 2


def test_another_embedding_model_gets_vectors_of_its_own(kept: Path) -> None:
    search = RetrieveFromTable(by="meaning", top=1)
    search.run(QUESTIONS, corpus(), resources={"embedding": ScriptedEmbedding(by_topic)})
    turned = search.run(QUESTIONS, corpus(), resources={"embedding": ScriptedEmbedding(lambda text: (0.5, *by_topic(text)))})
    assert texts(turned) == [[CORPUS[0]["text"]], [CORPUS[1]["text"]]]
    assert len(list(kept.glob("*/vectors-*"))) == 2


def test_a_making_that_ends_half_way_leaves_nothing_that_is_taken_for_an_index(kept: Path) -> None:
    class Dies(ScriptedEmbedding):
        def embed(self, texts):  # type: ignore[no-untyped-def]
            if CORPUS[0]["text"] in texts:
                raise RuntimeError("the power went out")
            return super().embed(texts)

    with pytest.raises(RuntimeError):
        RetrieveFromTable(by="meaning").run(QUESTIONS, corpus(), resources={"embedding": Dies(by_topic)})
    assert not list(kept.glob("*/vectors-*"))
    assert texts(RetrieveFromTable(by="meaning", top=1).run(QUESTIONS, corpus(), resources={"embedding": ScriptedEmbedding(by_topic)}))[0]


def test_what_killed_runs_left_is_removed_once_it_is_old(kept: Path) -> None:
    search = RetrieveFromTable(top=1)
    first = texts(search.run(QUESTIONS, corpus()))
    [index] = kept.iterdir()
    left = [index / ".making-vectors-1", kept / ".making-2"]
    being_made = index / ".making-vectors-3"
    for folder in (*left, being_made):
        folder.mkdir()
    for folder in left:
        os.utime(folder, (0, 0))
    assert texts(search.run(QUESTIONS, corpus())) == first
    assert not any(folder.exists() for folder in left)
    assert being_made.is_dir()
