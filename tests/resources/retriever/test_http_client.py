"""A server that searches: its forms are read, its troubles cost the rows that they concern, and the key goes nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from operators.generic.retrieval.by_retriever import RetrievePassages
from operators.retrieval.passages import NotRetrieved, Passage, Query
from operators.retrieval.retriever import Retriever
from operators.tables.errors import StageFailed
from resources.retriever import RetrieverSettings, open_retriever
from resources.retriever.http_answers import MalformedAnswer, passages_of
from tests.resources.retriever.search_server import Answer, SearchServer, found, search_server


@pytest.fixture
def server() -> Iterator[SearchServer]:
    with search_server() as running:
        yield running


def retriever(server: SearchServer, **settings: Any) -> Retriever:
    return open_retriever(RetrieverSettings(place=server.url, **settings))


def test_many_queries_go_in_few_requests_and_come_back_in_order(server: SearchServer) -> None:
    queries = [Query(f"q{number}") for number in range(70)]
    answers = retriever(server, queries_per_request=32).retrieve(queries, 2)
    assert [one[0] for one in answers if isinstance(one, tuple)] == [Passage(f"q{number}-0", f"q{number} 0", 9.0) for number in range(70)]
    assert sorted(len(request["queries"]) for request in server.requests) == [6, 32, 32]
    assert isinstance(asyncio.run(retriever(server).retrieve_soon(Query("one"), 1)), tuple)


def test_a_query_that_the_server_refuses_costs_no_other(server: SearchServer) -> None:
    def answer(request: dict[str, Any]) -> Answer:
        return (422, {"error": "bad query"}) if "bad" in request["queries"] else found(request)

    server.answer = answer
    rows = [{"question": question} for question in ("good", "bad", "also good")]
    result = RetrievePassages(max_failed=0.5).run(rows, resources={"retriever": retriever(server)})
    assert result.table.column("question").to_pylist() == ["good", "also good"]
    assert result.rejected.column("rejected_reason").to_pylist() == [f"{server.url}: it answers 422"]


def test_an_overloaded_server_is_asked_again(server: SearchServer) -> None:
    states = iter([503, 200])
    server.answer = lambda request: found(request) if next(states) == 200 else (503, {})
    assert isinstance(retriever(server).retrieve([Query("q")], 1)[0], tuple)
    server.answer = lambda request: (503, {})
    assert retriever(server, tries=1).retrieve([Query("q")], 1) == [NotRetrieved(f"{server.url}: it answers 503, 1 times")]


@pytest.mark.parametrize("status", [302, 307, 401, 403, 404])
def test_a_server_that_refuses_everything_ends_the_stage_at_the_first_request(server: SearchServer, status: int) -> None:
    server.answer = lambda request: (status, {})
    with pytest.raises(StageFailed, match=f"answers {status}"):
        retriever(server, api_key=SecretStr("key-1")).retrieve([Query("q")], 1)
    assert server.keys == ["Bearer key-1"]


def test_no_server_is_said_with_what_to_do() -> None:
    nobody = RetrieverSettings(place="http://127.0.0.1:9/retrieve", tries=1)
    with pytest.raises(StageFailed, match=r"cannot be reached.*DATAFLOW_RETRIEVER"):
        open_retriever(nobody).retrieve([Query("q")], 1)


def test_a_server_cannot_be_narrowed_and_says_so(server: SearchServer) -> None:
    with pytest.raises(StageFailed, match="leave out `only`"):
        retriever(server).retrieve([Query("q", {"document": "a"})], 1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"result": [[{"document": {"id": 7, "contents": "t"}, "score": 0.5}]]}, Passage("7", "t", 0.5)),
        ({"results": [[{"_id": "a", "text": "t", "score": 2}]]}, Passage("a", "t", 2.0)),
        ({"results": [[{"id": "a", "document": "t", "score": 2}]]}, Passage("a", "t", 2.0)),
        ({"results": [[{"id": "a", "document": {"text": "t"}, "score": 2}]]}, Passage("a", "t", 2.0)),
        ([[{"docid": "a", "content": "t"}]], Passage("a", "t", 1.0)),
        ({"passages": [{"id": "a", "passage": "t", "score": 1.5}]}, Passage("a", "t", 1.5)),
    ],
)
def test_the_forms_of_answers_that_servers_have_are_read(answer: Any, expected: Passage) -> None:
    assert passages_of(orjson.dumps(answer), 1, 5) == [(expected,)]


def test_a_passage_without_an_id_has_the_same_one_for_the_same_text() -> None:
    (one, other), (again,) = passages_of(b'[["a", "b"], ["a"]]', 2, 5)
    assert passages_of(b'{"result": []}', 1, 5) == passages_of(b'{"result": [[]]}', 1, 5) == [()]
    assert one.id == again.id != other.id


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"{}", b'{"result": 3}', b'{"result": [[], []]}', b'{"result": [[{"score": 1}]]}', b'{"result": [[3]]}', b'{"result": [3]}'],
)
def test_an_answer_that_cannot_be_read_is_said_to_be_so(content: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        passages_of(content, 1, 5)
