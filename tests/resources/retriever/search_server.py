"""A server that searches, on a real socket, in the form of Search-R1's; it can be told to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]


def found(request: dict[str, Any]) -> Answer:
    """Passages that repeat the query."""

    def documents(query: str) -> list[dict[str, Any]]:
        return [{"document": {"id": f"{query}-{rank}", "contents": f"{query} {rank}"}, "score": 9.0 - rank} for rank in range(request["topk"])]

    return 200, {"result": [documents(query) for query in request["queries"]]}


class SearchServer:
    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: Callable[[dict[str, Any]], Answer] = found
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []


@contextmanager
def search_server() -> Iterator[SearchServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(request)
            server.keys.append(self.headers.get("Authorization"))
            status, answer = server.answer(request)
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if status in (302, 307):
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = SearchServer(f"http://127.0.0.1:{http.server_port}/retrieve")
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
