"""A proxy in front of an S3 server that does what networks and stores do: it forgets conditions, answers 500, cuts bodies and swallows answers."""

from __future__ import annotations

import http.client
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

Deed = Literal["pass", "forget conditions", "500", "503", "full", "cut", "swallow", "spoil", "hang"]
CONDITIONS = ("if-match", "if-none-match")
FULL = b"<Error><Code>QuotaExceeded</Code><Message>Bucket quota exceeded.</Message></Error>"


class HostileProxy:
    """`decide` says for each request, by method and path, what is done with it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.decide: Callable[[str, str], Deed] = lambda method, path: "pass"
        self.requests: list[tuple[str, str, Deed]] = []
        self.released = threading.Event()
        """What hangs, hangs until then."""


@contextmanager
def hostile_proxy(upstream: str) -> Iterator[HostileProxy]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.hostile = HostileProxy(f"http://127.0.0.1:{server.server_address[1]}")  # type: ignore[attr-defined]
    server.upstream = urlsplit(upstream).netloc  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.hostile  # type: ignore[attr-defined]
    finally:
        server.hostile.released.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is said of a connection whose other end was killed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def _answer(self) -> None:
        hostile: HostileProxy = self.server.hostile  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        deed = hostile.decide(self.command, self.path)
        hostile.requests.append((self.command, self.path, deed))
        if deed in ("500", "503"):
            self._send(int(deed), {}, b"<Error><Code>InternalError</Code></Error>")
            return
        if deed == "full":
            self._send(403, {}, FULL)
            return
        if deed == "hang":
            hostile.released.wait()
            self.close_connection = True
            return
        dropped = CONDITIONS if deed == "forget conditions" else ()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
        connection = http.client.HTTPConnection(self.server.upstream, timeout=30)  # type: ignore[attr-defined]
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except OSError:  # the server was stopped
            self.close_connection = True
            return
        finally:
            connection.close()
        if deed == "swallow":
            self.close_connection = True
            return
        if deed == "spoil" and content:
            content = content[:-1] + bytes([content[-1] ^ 1])
        self._send(answer.status, dict(answer.getheaders()), content, cut=deed == "cut")

    def _send(self, status: int, headers: dict[str, str], content: bytes, *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                self.send_header(name, value)
        length = next((value for name, value in headers.items() if name.lower() == "content-length"), str(len(content)))
        self.send_header("content-length", length if self.command == "HEAD" else str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self.close_connection = True


for _method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
    setattr(_Handler, f"do_{_method}", _Handler._answer)
