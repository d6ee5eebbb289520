"""One text that a server cannot embed costs that text alone, and a server that takes few texts at once is given few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import SecretStr

from operators.asking.answers import ServingStopped, TextsRefused
from operators.bases.embedding import embed_each
from operators.text.duplicates.semantic import SemanticDedup
from resources.embeddings import EmbeddingSettings, open_embeddings
from resources.embeddings.serving import EmbeddingFailed, Embeddings
from tests.resources.embeddings.embedding_server import DIMENSIONS, vector_of
from tests.resources.llm.scripted_server import ScriptedServer, http, running, writings_of

Open = Callable[..., Embeddings]
Judge = Callable[[list[str]], tuple[int, Any] | None]


def embedded(texts: list[str], **further: Any) -> bytes:
    data = [{"index": place, "embedding": vector_of(text).tolist()} for place, text in enumerate(texts)]
    return http(200, {"data": data, "model": "m", "usage": {"prompt_tokens": 3}, **further})


def serving_unless(judge: Judge) -> Callable[[dict[str, Any]], bytes]:
    def answer(body: dict[str, Any]) -> bytes:
        refusal = judge(body["input"])
        return embedded(body["input"]) if refusal is None else http(refusal[0], refusal[1])

    return answer


@pytest.fixture
def start() -> Iterator[Callable[[Any], ScriptedServer]]:
    with ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(running(otherwise=behaviour))


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def make(server: ScriptedServer, **settings: Any) -> Embeddings:
        given = {"base_url": server.address, "model": "m", "retry_seconds": 0.01, "retries": 2, "timeout": 5, "cache_path": tmp_path / "v.sqlite"}
        return open_embeddings(EmbeddingSettings.model_validate({**given, **settings}))

    return make


TOO_LONG: list[tuple[int, Any]] = [
    (400, {"error": {"message": "This model's maximum context length is 8192 tokens.", "code": "context_length_exceeded"}}),
    (400, {"object": "error", "message": "The input is longer than the model's context length", "type": "BadRequestError", "code": 400}),
    (413, {"error": "Input validation error: `inputs` must have less than 512 tokens. Given: 600", "error_type": "Validation"}),
    (500, {"error": {"code": 500, "message": "input is too large to process. increase the physical batch size", "type": "server_error"}}),
    (422, {"detail": [{"loc": ["body", "input"], "msg": "no"}]}),
    (403, {"error": {"message": "Your input was flagged", "code": 403, "metadata": {"flagged_input": "x"}}}),
]


@pytest.mark.parametrize(("status", "body"), TOO_LONG, ids=range(len(TOO_LONG)))
def test_c9_one_text_of_71_is_set_aside_alone(status: int, body: Any, start: Any, opened: Open) -> None:
    texts = [f"text {number}" for number in range(70)]
    texts.insert(33, "long " * 100)
    server = start(serving_unless(lambda given: (status, body) if any(len(text) > 100 for text in given) else None))
    with pytest.raises(EmbeddingFailed, match=r"1 of 71 texts, the first: 'long long") as failed:
        opened(server).embed(texts)
    assert set(failed.value.reasons) == {33}
    assert failed.value.vectors.shape == (71, DIMENSIONS)
    assert not failed.value.vectors[33].any()
    good = [place for place in range(71) if place != 33]
    np.testing.assert_allclose(np.linalg.norm(failed.value.vectors[good], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(failed.value.vectors[5], vector_of("text 5") / np.linalg.norm(vector_of("text 5")), atol=1e-5)
    assert len(server.bodies) <= 20
    asked = len(server.bodies)
    opened(server).embed([texts[place] for place in good])
    assert len(server.bodies) == asked, "what was answered is kept"


@pytest.mark.parametrize("most", [1, 2, 10, 32])
@pytest.mark.parametrize("words", ["batch size 64 > maximum allowed batch size 32", "no"])
def test_c9_a_batch_halves_until_it_fits_and_the_next_ones_are_smaller(most: int, words: str, start: Any, opened: Open) -> None:
    server = start(serving_unless(lambda given: (400, {"error": {"message": words}}) if len(given) > most else None))
    serving = opened(server, max_in_flight=1)
    assert serving.embed([f"text {number}" for number in range(200)]).shape == (200, DIMENSIONS)
    before = len(server.bodies)
    assert serving.counted().embed([f"further {number}" for number in range(64)]).shape == (64, DIMENSIONS)
    assert all(len(body["input"]) <= most for body in server.bodies[before:])


def test_c9_a_server_that_refuses_every_text_ends_the_run_soon(start: Any, opened: Open) -> None:
    server = start(http(400, {"error": {"message": "dimensions is not supported"}}))
    with pytest.raises(ServingStopped, match=r"every text is refused.*dimensions is not supported"):
        opened(server).embed([f"text {number}" for number in range(5000)])
    assert len(server.bodies) < 300


def test_c9_a_stage_sets_the_row_aside_and_goes_on(start: Any, opened: Open) -> None:
    server = start(serving_unless(lambda given: TOO_LONG[0] if any(len(text) > 100 for text in given) else None))
    texts = [f"text {number}" for number in range(70)] + ["long " * 100, "text 5"]
    report = SemanticDedup(threshold=0.999).run(pa.table({"text": texts}), resources={"embedding": opened(server)})
    assert (report.failed, report.rows_out, report.rejected.num_rows) == (1, 70, 2)
    assert "maximum context length" in next(iter(report.failures))
    assert "long " * 100 not in report.table["text"].to_pylist()


def test_embed_each_gives_the_others(start: Any, opened: Open) -> None:
    server = start(serving_unless(lambda given: (400, {}) if "bad" in given else None))
    vectors, reasons = embed_each(opened(server), ["a", "bad", "c"])
    assert (vectors.shape, list(reasons), vectors.any(axis=1).tolist()) == ((3, DIMENSIONS), [1], [True, False, True])
    vectors, reasons = embed_each(opened(server), ["bad"])
    assert (vectors.shape, list(reasons)) == ((1, DIMENSIONS), [0])


MALFORMED: dict[str, Any] = {
    "nothing": {},
    "too few": {"data": []},
    "no numbers": {"data": [{"index": 0, "embedding": ["a", "b"]}]},
    "true": {"data": [{"index": 0, "embedding": [True, False]}]},
    "nested": {"data": [{"index": 0, "embedding": [[1.0], [2.0]]}]},
    "zeros": {"data": [{"index": 0, "embedding": [0.0] * 8}]},
    "empty": {"data": [{"index": 0, "embedding": []}]},
    "null": {"data": [{"index": 0, "embedding": None}]},
    "huge": {"data": [{"index": 0, "embedding": [1e300] * 8}]},
    "another place": {"data": [{"index": 7, "embedding": [1.0] * 8}]},
    "a list as place": {"data": [{"index": [0], "embedding": [1.0] * 8}]},
    "no base64": {"data": [{"index": 0, "embedding": "é"}]},
    "half a number in base64": {"data": [{"index": 0, "embedding": "AAA="}]},
    "tokens that cannot be": {"data": [{"index": 0, "embedding": [1.0] * 8}], "usage": {"prompt_tokens": 2**63}},
    "negative tokens": {"data": [{"index": 0, "embedding": [1.0] * 8}], "usage": {"prompt_tokens": -1}},
    "a list": [],
    "an error": {"error": {"message": "the worker died", "code": 400}},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_vector_is_a_typed_failure_of_that_text(case: str, start: Any, opened: Open) -> None:
    def answer(body: dict[str, Any]) -> bytes:
        return http(200, MALFORMED[case]) if "bad" in body["input"] else embedded(body["input"])

    server = start(answer)
    with pytest.raises(TextsRefused, match=r"^(malformed|bad_request): .*1 of 3 texts, the first: 'bad'"):
        opened(server).embed(["a", "bad", "c"])


def test_a_server_that_changes_its_model_is_said(start: Any, opened: Open) -> None:
    server = start(lambda body: embedded(body["input"]))
    opened(server).embed(["a"])
    server.otherwise = http(200, {"data": [{"index": 0, "embedding": [1.0, 2.0]}]})
    with pytest.raises(ServingStopped, match="vectors of different lengths"):
        opened(server).embed(["a", "b"])


def test_b2_b3_no_redirect_is_followed_and_no_writing_of_the_key_is_shown(start: Any, opened: Open) -> None:
    secret = "sk-very-secret-0123456789abcdef"
    elsewhere = start(lambda body: embedded(body["input"]))
    server = start(http(307, {}, {"Location": f"{elsewhere.address}/v1/embeddings"}))
    with pytest.raises(EmbeddingFailed, match="which is not followed"):
        opened(server, api_key=SecretStr(secret)).embed(["a"])
    assert elsewhere.headers == []
    for writing in writings_of(secret).values():
        server.otherwise = http(400, {"error": {"message": f"I was told {writing} ."}})
        with pytest.raises(EmbeddingFailed, match=r"\[secret\]") as failed:
            opened(server, api_key=SecretStr(secret)).embed(["a"])
        assert writing not in str(failed.value)
