"""An index folder and a file of passages as retrievers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

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


def test_what_is_missing_is_said_with_what_to_do(passages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StageFailed, match='has no column "text"; it has row_id, body, document'):
        open_retriever(RetrieverSettings(place=str(passages))).retrieve([Query("q")], 1)
    with pytest.raises(ParameterError, match="nowhere is not there"):
        open_retriever(RetrieverSettings(place="nowhere"))
    monkeypatch.delenv("DATAFLOW_RETRIEVER", raising=False)
    assert why_not().startswith("no retriever is named: set DATAFLOW_RETRIEVER")
    monkeypatch.setenv("DATAFLOW_RETRIEVER", str(passages))
    assert why_not() == ""
