"""A web server of files with the faults that real ones have, on the loopback interface."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class WebServer:
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Further headers of the answer for a path."""
    ranges: bool = True
    wrong_range: bool = False
    breaks_after: list[int] = field(default_factory=list)
    """How many bytes each of the next answers brings before the connection is closed."""
    pause_after: int | None = None
    """After so many bytes the answers wait until `go_on` is set."""
    go_on: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, path and headers of each request."""
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def other_name(self) -> str:
        """The same server under a name that is another host to a client."""
        return f"http://localhost:{self.port}"

    def asked_for(self, path: str, method: str = "GET") -> list[dict[str, str]]:
        return [headers for asked, at, headers in self.asked if (asked, at) == (method, path)]


@contextmanager
def serving(server: WebServer) -> Iterator[WebServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, with_body: bool) -> None:
            server.asked.append((self.command, self.path, dict(self.headers.items())))
            if self.path in server.redirects:
                self.begin(302, {"Location": server.redirects[self.path], "Content-Length": "0"})
                return
            if self.path not in server.files:
                self.begin(404, {"Content-Length": "0"})
                return
            content, asked = server.files[self.path], self.headers.get("Range", "")
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and server.ranges else 0
            said = {"Content-Length": str(len(content) - start)}
            if start:
                said["Content-Range"] = f"bytes {start + server.wrong_range}-{len(content) - 1}/{len(content)}"
            self.begin(206 if start else 200, said)
            if with_body:
                self.send(content[start:])

        def begin(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, **server.headers.get(self.path, {})}.items():
                self.send_header(name, value)
            self.end_headers()

        def send(self, content: bytes) -> None:
            if server.breaks_after:
                self.wfile.write(content[: server.breaks_after.pop(0)])
                self.close_connection = True
                return
            if server.pause_after is not None and not server.go_on.is_set():
                self.wfile.write(content[: server.pause_after])
                self.wfile.flush()
                server.go_on.wait(60)
                content = content[server.pause_after :]
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Nothing on standard error."""

    class Listening(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that was killed is no news."""

    with Listening(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_port
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.go_on.set()
            listening.shutdown()
