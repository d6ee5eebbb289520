"""Nothing that comes from outside is believed: what the gateway does not take is refused in words, and it goes on."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr, ValidationError

from operators.asking.answers import ServingStopped
from resources.gateway.opening import served_models
from resources.gateway.settings import TOKEN_VARIABLE, GatewaySettings
from resources.llm import LLMSettings
from tests.resources.gateway.running import gateway, serving
from tests.resources.llm.fault_server import Faults, running

TOKEN = "0123456789abcdef-token"
QUESTION = {"model": "mock", "messages": [{"role": "user", "content": "q"}]}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("gateway")
    settings: dict[str, Any] = {"token": SecretStr(TOKEN), "request_megabytes": 0.1, "body_seconds": 0.2}
    with running() as server, gateway(serving(server.address, folder / "answers.sqlite"), **settings) as address:
        yield address


def said(address: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)) as connection:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def asked(address: str, body: bytes, path: str = "/v1/chat/completions", **headers: str) -> tuple[int, dict[str, Any]]:
    given = {**JSON, "Authorization": f"Bearer {TOKEN}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return said(address, "POST", path, body, given)


@pytest.mark.parametrize(
    ("body", "headers", "status", "says"),
    [
        (b"", {}, 400, "no JSON"),
        (b"{", {}, 400, "no JSON"),
        (b"[]", {}, 400, "JSON object"),
        (b"[" * 50_000, {}, 400, "no JSON"),
        (b"\xff\xfe", {}, 400, "no JSON"),
        (b'{"model": "mock"}', {}, 400, "messages"),
        (b'{"model": "other", "messages": [{"role": "user", "content": "q"}]}', {}, 404, "serves mock, not 'other'"),
        (b'{"model": ["mock"], "messages": []}', {}, 404, "serves mock"),
        (b" " * 200_000, {}, 413, "larger than the gateway takes"),
        (json.dumps(QUESTION).encode(), {"Content_Type": "text/plain"}, 415, "application/json"),
        (json.dumps(QUESTION).encode(), {"Authorization": "Bearer wrong"}, 401, "token"),
        (json.dumps(QUESTION).encode(), {"Authorization": "Basic eA=="}, 401, "token"),
        (json.dumps(QUESTION).encode(), {"Authorization": "Bearer \u00e9"}, 401, "token"),
        (json.dumps(QUESTION).encode(), {"Origin": "http://evil.example"}, 403, "browser"),
        (json.dumps(QUESTION).encode(), {"X_DataFlow_Sample": "-1"}, 400, "X-DataFlow-Sample"),
        (json.dumps(QUESTION).encode(), {"X_DataFlow_Sample": "1e9"}, 400, "X-DataFlow-Sample"),
        (json.dumps(QUESTION).encode(), {"X_DataFlow_Stage": "x" * 3000}, 400, "X-DataFlow-Stage"),
        (json.dumps(QUESTION).encode(), {"X_DataFlow_Stage": "a%0Ab"}, 400, "X-DataFlow-Stage"),
        (json.dumps(QUESTION).encode(), {"X_DataFlow_Stage": "%FF"}, 400, "utf-8"),
        (json.dumps(QUESTION).encode(), {"X_DataFlow_Wait": "nan"}, 400, "X-DataFlow-Wait"),
        (json.dumps(QUESTION).encode(), {"X_DataFlow_Wait": "soon"}, 400, "soon"),
        (json.dumps({**QUESTION, "stream": True}).encode(), {}, 400, "stream"),
    ],
)
def test_what_is_not_taken_is_refused_in_words(address: str, body: bytes, headers: dict[str, str], status: int, says: str) -> None:
    found, content = asked(address, body, **headers)
    assert (found, says in content["error"]["message"]) == (status, True), content
    assert asked(address, json.dumps(QUESTION).encode())[0] == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("GET", "/v1/chat/completions", 405), ("POST", "/v1/embeddings", 404)])
def test_what_is_not_there_is_said_as_json(address: str, method: str, path: str, status: int) -> None:
    body = json.dumps({"model": "small", "input": "text"}).encode() if method == "POST" else None
    found, content = said(address, method, path, body, {**JSON, "Authorization": f"Bearer {TOKEN}"})
    assert found == status
    assert content["error"]["message"]


def test_health_needs_no_token_and_tells_nothing_else(address: str) -> None:
    assert said(address, "GET", "/health") == (200, {"status": "ok"})
    assert said(address, "GET", "/v1/models")[0] == 401
    models = said(address, "GET", "/v1/models", headers={"Authorization": f"bearer {TOKEN}"})[1]
    assert [model["id"] for model in models["data"]] == ["mock"]


def test_a_body_that_does_not_come_is_not_waited_for(address: str) -> None:
    parts = urlsplit(address)
    with closing(socket.create_connection((str(parts.hostname), parts.port or 0), timeout=60)) as connection:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        assert b" 408 " in connection.recv(1000)


def test_a_worker_without_the_token_stops_with_the_remedy(address: str) -> None:
    with pytest.raises(ServingStopped, match="DATAFLOW_GATEWAY_TOKEN") as stop:
        serving(address, None).generate_from_input(["q"])
    assert stop.value.cause == "key"
    assert len(serving(address, None, api_key=SecretStr(TOKEN)).generate_from_input(["q"])) == 1


def test_more_questions_than_may_be_open_are_told_to_come_again(tmp_path: Path) -> None:
    with running(Faults(latency=2.0)) as server, gateway(serving(server.address, tmp_path / "answers.sqlite"), most_open=1) as address:
        first = threading.Thread(target=asked, args=(address, json.dumps(QUESTION).encode()))
        first.start()
        while server.counts.requests < 1:
            time.sleep(0.005)
        status, content = asked(address, json.dumps({**QUESTION, "seed": 1}).encode())
        first.join()
    assert (status, content["error"]["code"]) == (503, "overloaded")


@pytest.mark.parametrize(("host", "token"), [("0.0.0.0", ""), ("192.168.1.5", ""), ("gateway.example", ""), ("::", ""), ("127.0.0.1", "short")])
def test_other_machines_are_let_in_with_a_token_alone(host: str, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, token)
    with pytest.raises(ValidationError, match=TOKEN_VARIABLE):
        GatewaySettings.from_environment(host, 8100)
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    assert GatewaySettings.from_environment(host, 8100).token is not None


def test_a_gateway_does_not_ask_itself_and_serves_no_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="this gateway itself"):
        served_models([LLMSettings(base_url="http://localhost:8100/v1", model="m")], GatewaySettings(port=8100))
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with pytest.raises(ValueError, match="batch"):
        served_models([LLMSettings(provider="openai", model="m", batch=True)], GatewaySettings())


def test_two_models_of_one_name_are_refused(tmp_path: Path) -> None:
    with running() as server:
        two = serving(server.address, None), serving(server.address, None)
        with pytest.raises(ServingStopped, match="two models are called 'mock'"), gateway(*two):
            pass
