"""A server that was never there is reported soon; one that goes away at work is waited for."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from operators.asking.answers import Completion, ServingStopped
from resources.embeddings import EmbeddingSettings, open_embeddings
from resources.llm import LLMSettings, open_serving
from tests.resources.llm.conftest import MakeServing

ANSWER = {"model": "mock", "choices": [{"index": 0, "message": {"content": "yes"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}}
A_FEW_SECONDS = 30
"""On a busy machine; 20 retries would take minutes."""


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(ANSWER).encode())

    def log_message(self, *args: object) -> None:
        """Nothing on standard error."""


def listening(port: int = 0) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", port), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def stop(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


def test_where_nothing_ever_answered_the_run_stops_after_a_few_seconds_with_what_to_do() -> None:
    serving = open_serving(LLMSettings(base_url="http://127.0.0.1:9", model="mock", cache=False, ledger=False, retries=20))
    started = time.monotonic()
    with pytest.raises(ServingStopped, match=r"the connection was refused\. Start it, or point DATAFLOW_LLM_BASE_URL"):
        serving.generate_from_input([f"question {index}" for index in range(20)])
    assert time.monotonic() - started < A_FEW_SECONDS


def test_so_it_is_with_embeddings() -> None:
    settings = EmbeddingSettings(base_url="http://127.0.0.1:9", model="mock", cache=False, ledger=False, retries=20)
    started = time.monotonic()
    with pytest.raises(ServingStopped, match=r"the connection was refused\. Start it, or point DATAFLOW_EMBEDDING_BASE_URL"):
        open_embeddings(settings).embed(["a"])
    assert time.monotonic() - started < A_FEW_SECONDS


def test_a_server_that_answered_before_is_waited_for(make_serving: MakeServing) -> None:
    server = listening()
    port = server.server_address[1]
    serving = make_serving(f"http://127.0.0.1:{port}", retries=60, retry_seconds=0.1, retry_seconds_most=0.5)
    assert isinstance(serving.generate_from_input(["before"])[0], Completion)
    stop(server)
    again: list[ThreadingHTTPServer] = []
    timer = threading.Timer(3.6, lambda: again.append(listening(port)))
    timer.start()
    try:
        assert isinstance(serving.generate_from_input(["after"])[0], Completion)
    finally:
        timer.join()
        stop(again[0])


def test_where_it_is_killed_at_work_and_stays_away_the_run_stops_and_no_row_is_set_aside(make_serving: MakeServing) -> None:
    command = [sys.executable, "-m", "tests.resources.llm.fault_server", "--latency", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as server:
        assert server.stdout is not None
        serving = make_serving(server.stdout.readline().strip(), retries=2)
        first = threading.Timer(1.5, server.kill)  # some were answered, and others are under way
        first.start()
        with pytest.raises(ServingStopped, match="cannot be reached: the connection was refused"):
            serving.generate_from_input([f"question {number}" for number in range(400)])
        first.join()
