"""An index folder and a file of passages as retrievers."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from operators import FileStorage
from operators.bases.retrieval.corpus_index import make_index
from operators.retrieval.passages import NotRetrieved, Query
from operators.tables.errors import ParameterError, StageFailed
from operators.tables.row_ids import RowIdStorage
from operators.testing import ScriptedEmbedding
from resources.retriever import RetrieverSettings, open_retriever, why_not
from resources.retriever.indexed import IndexRetriever


@pytest.fixture
def passages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATAFLOW_INDEXES", str(tmp_path / "indexes"))
    path = tmp_path / "passages.jsonl"
    rows = [{"body": "The lighthouse was built in 1890.", "document": "coast"}, {"body": "A loaf of rye bread.", "document": "kitchen"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_file_of_passages_is_searched_by_its_words_and_narrowed_by_its_columns(passages: Path) -> None:
    retriever = open_retriever(RetrieverSettings(place=str(passages), text="body", fields=("document",)))
    found = retriever.retrieve([Query("when was the lighthouse built"), Query("bread", {"document": "coast"})], 3)
    assert [[passage.text for passage in one] for one in found if isinstance(one, tuple)] == [["The lighthouse was built in 1890."], []]
    assert found[0] == asyncio.run(retriever.retrieve_soon(Query("when was the lighthouse built"), 3))
    assert retriever.retrieve([Query("bread", {"page": "3"})], 3) == [NotRetrieved(f'{passages} cannot be narrowed by "page"; it can by: document')]


def test_an_index_folder_is_opened_as_it_was_made(passages: Path, tmp_path: Path) -> None:
    make_index(RowIdStorage(FileStorage(passages)), "body", ["document"], tmp_path / "index")
    settings = RetrieverSettings(place=str(tmp_path / "index"), by="both")
    embedding = ScriptedEmbedding()
    for _ in range(2):  # the second finds words and vectors in the folder
        answer = IndexRetriever(settings, embedding).retrieve([Query("rye bread")], 1)[0]
        assert isinstance(answer, tuple)
        assert answer[0].text == "A loaf of rye bread."
    assert embedding.texts.count("A loaf of rye bread.") == 1


def made(rows: list[str], folder: Path) -> Path:
    source = folder.with_suffix(".jsonl")
    source.write_text("".join(json.dumps({"text": row}) + "\n" for row in rows))
    make_index(RowIdStorage(FileStorage(source)), "text", [], folder)
    return folder


def found(folder: Path, query: str, by: str = "words", embedding: Any = None) -> list[str]:
    settings = RetrieverSettings.model_validate({"place": str(folder), "by": by})
    [answer] = IndexRetriever(settings, embedding or ScriptedEmbedding()).retrieve([Query(query)], 1)
    assert isinstance(answer, tuple)
    return [passage.text for passage in answer]


@pytest.mark.parametrize("by", ["words", "meaning"])
@pytest.mark.parametrize("share", [0, 0.5, 0.97])
def test_a_part_of_an_index_that_is_cut_is_named_and_made_again_once_it_is_removed(tmp_path: Path, by: str, share: float) -> None:
    index = made(["a red boat", "a blue boat", "rye bread"], tmp_path / "index")
    assert found(index, "rye bread", by) == ["rye bread"]
    [part] = index.glob("words-*" if by == "words" else "vectors-*")
    for file in part.iterdir():
        whole = file.read_bytes()
        file.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(StageFailed, match=rf"{re.escape(str(part))} is broken: .* Remove it: it is made again"):
            found(index, "rye bread", by)
        file.write_bytes(whole)
    shutil.rmtree(part)
    assert found(index, "rye bread", by) == ["rye bread"]


@pytest.mark.parametrize("by", ["words", "meaning"])
def test_words_and_vectors_of_other_passages_are_never_taken_for_those_of_an_index(tmp_path: Path, by: str) -> None:
    small, large = made(["a red boat", "rye bread"], tmp_path / "small"), made([f"word{i} boat" for i in range(50)], tmp_path / "large")
    found(large, "word40 boat", by)
    for part in large.glob("*-*"):
        shutil.copytree(part, small / part.name)
    assert found(small, "rye bread", by) == ["rye bread"]
    same_size = made(["rye bread", "a red boat"], tmp_path / "same")
    for part in small.glob("*-*"):
        shutil.copytree(part, same_size / part.name)
    assert found(same_size, "rye bread", by) == ["rye bread"]


def test_vectors_of_another_shape_are_refused(tmp_path: Path) -> None:
    index = made(["a red boat", "rye bread"], tmp_path / "index")
    found(index, "rye bread", "meaning")
    [file] = index.glob("vectors-*/vectors.npy")
    vectors = np.load(file)
    for other in (vectors[:1], np.concatenate([vectors, vectors]), vectors[:, :1], vectors.ravel(), vectors.astype(np.float64)):
        np.save(file, other)
        with pytest.raises(StageFailed, match="not float32 of 2 rows"):
            found(index, "rye bread", "meaning")


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_model_whose_vectors_are_no_numbers_ends_the_search_instead_of_finding_nothing(tmp_path: Path, wrong: float) -> None:
    class Broken(ScriptedEmbedding):
        def embed(self, texts: Sequence[str]) -> Any:
            return np.full((len(texts), 4), wrong, np.float32)

    with pytest.raises(StageFailed, match="no finite vector"):
        found(made(["a red boat"], tmp_path / "index"), "boat", "meaning", Broken())


def test_what_no_search_can_read_is_told(tmp_path: Path) -> None:
    index = made(["a red boat"], tmp_path / "index")
    with pa.ipc.new_file(str(index / "passages.arrow"), pa.schema([("name", pa.string())])):
        pass
    with pytest.raises(StageFailed, match=r"holds no index: passages\.arrow has the columns name, not id and text"):
        found(index, "boat")
    passages = tmp_path / "lists.jsonl"
    passages.write_text('{"text": ["a"], "body": "a", "place": {"page": 3}}\n')
    with pytest.raises(StageFailed, match=r'column "text" of the corpus is list.*only text is searched'):
        found(passages, "boat")
    with pytest.raises(StageFailed, match=r'column "place" of the corpus is struct.*narrowed by texts'):
        open_retriever(RetrieverSettings(place=str(passages), text="body", fields=("place",))).retrieve([Query("a")], 1)


def test_what_is_missing_is_said_with_what_to_do(passages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StageFailed, match='has no column "text"; it has row_id, body, document'):
        open_retriever(RetrieverSettings(place=str(passages))).retrieve([Query("q")], 1)
    with pytest.raises(ParameterError, match="nowhere is not there"):
        open_retriever(RetrieverSettings(place="nowhere"))
    monkeypatch.delenv("DATAFLOW_RETRIEVER", raising=False)
    assert why_not().startswith("no retriever is named: set DATAFLOW_RETRIEVER")
    monkeypatch.setenv("DATAFLOW_RETRIEVER", str(passages))
    assert why_not() == ""


def test_an_index_is_made_of_any_table_and_never_instead_of_another(passages: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    make_index(FileStorage(passages), "body", [], folder)
    assert found(folder, "rye bread") == ["A loaf of rye bread."]
    other = tmp_path / "other.jsonl"
    other.write_text('{"body": "A red boat."}\n')
    with pytest.raises(StageFailed, match=r"index is there already: remove it"):
        make_index(FileStorage(other), "body", [], folder)
    with pytest.raises(StageFailed, match='has no column "place"; it has body'):
        make_index(FileStorage(other), "body", ["place"], tmp_path / "new")
    assert found(folder, "rye bread") == ["A loaf of rye bread."]
    assert not (tmp_path / "new").exists()
