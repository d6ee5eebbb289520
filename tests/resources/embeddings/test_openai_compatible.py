"""Vectors from a server: in order, of unit length, each paid for once."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pydantic import SecretStr

from operators import Evaluate, Input, MemoryStorage, Output
from operators.asking.answers import ServingStopped
from operators.asking.serving import EmbeddingServing
from resources.embeddings import EmbeddingSettings, open_embeddings
from resources.embeddings.openai_compatible import OpenAICompatibleEmbeddings
from resources.embeddings.serving import EmbeddingFailed, Embeddings
from tests.resources.embeddings.embedding_server import DIMENSIONS, EmbeddingServer, running, vector_of
from tests.resources.llm.scripted_server import http
from tests.resources.llm.scripted_server import running as scripted

Open = Callable[..., Embeddings]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with running() as started:
        yield started


@pytest.fixture
def opened(server: EmbeddingServer, tmp_path: Path) -> Open:
    def make(**settings: object) -> Embeddings:
        given = {"base_url": server.address, "model": "small", "retry_seconds": 0.01, "cache_path": tmp_path / "vectors.sqlite", **settings}
        return open_embeddings(EmbeddingSettings.model_validate(given))

    return make


def test_vectors_are_of_unit_length_and_in_the_order_of_the_texts(opened: Open, server: EmbeddingServer) -> None:
    texts = [f"text {number}" * (number % 7 + 1) for number in range(100)]
    serving: EmbeddingServing = opened(texts_per_request=9)
    vectors = serving.embed(texts)
    assert (vectors.shape, vectors.dtype, serving.dimensions) == ((100, DIMENSIONS), np.float32, DIMENSIONS)
    expected = np.array([vector_of(text) / np.linalg.norm(vector_of(text)) for text in texts])
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert [len(request["input"]) for request in server.requests] == [9] * 11 + [1]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"error": {"message": "no"}}, r"refused the key .*Give a valid one in DATAFLOW_EMBEDDING_API_KEY"),
        (
            404,
            {"error": {"message": "The model `m` does not exist", "code": "model_not_found"}},
            r"does not have the model .*Set DATAFLOW_EMBEDDING_MODEL",
        ),
    ],
)
def test_what_is_to_be_set_is_that_of_the_embedding_model(status: int, body: object, words: str) -> None:
    with scripted({"/v1/embeddings": http(status, body)}) as server:
        settings = EmbeddingSettings(base_url=server.address, model="m", api_key=SecretStr("k-9fQ2mB71xx"), cache=False, ledger=False)
        with pytest.raises(ServingStopped, match=words):
            open_embeddings(settings).embed(["a"])


def test_a_server_of_several_models_asks_for_the_name_of_the_embedding_model() -> None:
    with scripted({"/v1/models": http(200, {"data": [{"id": "a"}, {"id": "b"}]})}) as server:
        settings = EmbeddingSettings(base_url=server.address, cache=False, ledger=False)
        with pytest.raises(ServingStopped, match=r"DATAFLOW_EMBEDDING_MODEL is not set, .* has 2 models: a, b\. Set DATAFLOW_EMBEDDING_MODEL"):
            open_embeddings(settings).embed(["a"])


@pytest.mark.parametrize(
    "body",
    [
        {"object": "error", "message": "the input has 600 tokens, the maximum context length is 512", "code": 400},
        {"code": 400, "message": "the input has 600 tokens, the maximum context length is 512", "data": None},
        {"error": "the input has 600 tokens, the maximum context length is 512", "data": []},
    ],
)
def test_an_error_with_the_status_of_a_success_is_told_in_the_servers_words(body: object) -> None:
    with scripted({"/v1/embeddings": http(200, body)}) as server:
        settings = EmbeddingSettings(base_url=server.address, model="m", cache=False, ledger=False, retry_seconds=0.01, retry_after_most=0)
        with pytest.raises(EmbeddingFailed, match=r"^bad_request: .*the maximum context length is 512"):
            Embeddings(OpenAICompatibleEmbeddings(settings), settings, None).embed(["How long is a vector?"])


def test_tokens_are_counted(opened: Open) -> None:
    serving = opened(texts_per_request=2)
    serving.embed(["a", "b", "c"])
    assert (serving.usage.calls, serving.usage.prompt_tokens, len(serving.usage.latencies)) == (2, 9, 2)


def test_a_text_is_computed_once_however_often_it_comes(opened: Open, server: EmbeddingServer) -> None:
    first = opened().embed(["a", "b", "a"])
    serving = opened()
    again = serving.embed(["b", "a", "c"])
    assert (first[0] == first[2]).all()
    assert (again[:2] == first[[1, 0]]).all()
    assert server.embedded == {"a": 1, "b": 1, "c": 1}
    assert (serving.usage.calls, serving.usage.cached) == (1, 2)


def test_another_model_or_another_option_makes_other_vectors(opened: Open, server: EmbeddingServer) -> None:
    for settings in ({}, {"model": "large"}, {"extra_body": {"dimensions": 4}}, {}):
        opened(**settings).embed(["a"])
    assert [(request["model"], request.get("dimensions")) for request in server.requests] == [("small", None), ("large", None), ("small", 4)]


def test_the_only_model_of_a_server_needs_no_name(opened: Open, server: EmbeddingServer) -> None:
    opened(model=None).embed(["a"])
    assert server.requests[0]["model"] == "small"


def test_base64_vectors_are_read_too(opened: Open, server: EmbeddingServer) -> None:
    server.as_base64 = True
    np.testing.assert_allclose(opened().embed(["a"])[0], vector_of("a") / np.linalg.norm(vector_of("a")), atol=1e-6)


def test_an_overloaded_server_is_asked_again_and_a_refused_text_is_named(opened: Open, server: EmbeddingServer) -> None:
    server.statuses = [429, 503, 500]
    serving = opened()
    assert serving.embed(["a"]).shape == (1, DIMENSIONS)
    assert serving.usage.retried == 3
    server.refused_text = "bad"
    with pytest.raises(EmbeddingFailed, match=r"bad_request: .*input cannot be taken.*'bad'"):
        opened(texts_per_request=1).embed(["good", "bad"])
    opened().embed(["good"])
    assert server.embedded["good"] == 1, "what came back beside a failure is kept"


def test_a_refused_key_stops_without_being_shown_and_is_sent_only_as_a_header(opened: Open, server: EmbeddingServer, tmp_path: Path) -> None:
    server.statuses = [401]
    with pytest.raises(ServingStopped, match="refused the key") as caught:
        opened(api_key=SecretStr("very-secret-1")).embed(["a"])
    assert "very-secret-1" not in str(caught.value)
    opened(api_key=SecretStr("very-secret-1")).embed(["a"])
    assert server.headers[-1]["Authorization"] == "Bearer very-secret-1"
    assert all(b"very-secret-1" not in file.read_bytes() for file in tmp_path.iterdir())


def test_no_server_at_the_address_is_said_with_what_to_do(tmp_path: Path) -> None:
    settings = EmbeddingSettings(base_url="http://127.0.0.1:9", model="m", retries=1, retry_seconds=0.01, cache_path=tmp_path / "v.sqlite")
    with pytest.raises(ServingStopped, match=r"cannot be reached.*DATAFLOW_EMBEDDING_BASE_URL"):
        open_embeddings(settings).embed(["a"])


def test_empty_texts_no_texts_and_broken_texts_are_ordinary_input(opened: Open) -> None:
    serving = opened()
    assert serving.embed([]).shape == (0, DIMENSIONS)
    assert serving.embed(["", "half a \ud83d pair", "\x00"]).shape == (3, DIMENSIONS)


def test_works_inside_a_running_event_loop_and_keeps_several_requests_under_way(opened: Open, server: EmbeddingServer) -> None:
    server.latency = 0.05

    async def inside() -> tuple[int, ...]:
        return opened(texts_per_request=1, max_in_flight=4).embed([str(number) for number in range(12)]).shape

    assert asyncio.run(inside()) == (12, DIMENSIONS)
    assert 2 <= server.peak <= 4


def _embed(address: str, path: str, start: int) -> None:
    settings = EmbeddingSettings(base_url=address, model="small", cache_path=Path(path), texts_per_request=5)
    open_embeddings(settings).embed([f"text {number}" for number in range(start, start + 100)])


def test_processes_share_one_cache_at_the_same_time(server: EmbeddingServer, opened: Open, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_embed, args=(server.address, str(tmp_path / "vectors.sqlite"), start)) for start in (0, 50)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    asked = len(server.requests)
    opened().embed([f"text {number}" for number in range(150)])
    assert len(server.requests) == asked


class LengthOfVector(Evaluate):
    """Only to see that the runner hands the embedding model over."""

    needs = ("embedding",)
    input_text = Input(str)
    output_length = Output(float, "length")

    def evaluate_batch(self, text: pa.Array, embedding: EmbeddingServing) -> pa.Array:
        return pa.array(np.linalg.norm(embedding.embed(text.to_pylist()), axis=1).astype(float))


def test_an_operator_that_needs_vectors_is_given_the_serving(opened: Open) -> None:
    storage = MemoryStorage(pa.table({"text": ["a", None, "c"]}))
    lengths = LengthOfVector().run(storage, resources={"embedding": opened()}).table["length"].to_pylist()
    assert [length is None for length in lengths] == [False, True, False]
    assert lengths[0] == pytest.approx(1)
