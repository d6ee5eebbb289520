"""A web server on the loopback interface that sends whatever bytes a test says, as slowly and as long as it says."""

from __future__ import annotations

import gzip
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Send = Callable[[bytes], None]


@dataclass
class RawServer:
    """`behaviours`: path -> what is done with the connection; other paths answer 404. `asked`: the paths asked for, in order."""

    behaviours: dict[str, Callable[[Send], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    port: int = 0

    def url(self, path: str, host: str = "site.example.org") -> str:
        return f"http://{host}:{self.port}{path}"

    def answers(self, path: str, body: bytes = b"<p>a page</p>", status: str = "200 OK", **headers: str) -> None:
        self.behaviours[path] = lambda send: send(response(body, status, **headers))

    def redirects(self, path: str, to: str) -> None:
        self.answers(path, b"", "302 Found", location=to)


def response(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    told = {"content-type": "text/html", "content-length": str(len(body)), "connection": "close"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body


def zipped(megabytes: int, layers: int = 1) -> bytes:
    content = b"0" * (megabytes << 20)
    for _ in range(layers):
        content = gzip.compress(content, 9)
    return content


@contextmanager
def raw_server() -> Iterator[RawServer]:
    server = RawServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                block = self.connection.recv(65536)
                if not block:
                    return
                head += block
            server.heads.append(head.decode("latin-1"))
            path = head.split(b" ")[1].decode("latin-1")
            server.asked.append(path)
            try:
                server.behaviours.get(path, lambda send: send(response(b"", "404 Not Found")))(self.connection.sendall)
            except OSError:
                return  # the client has had enough

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as running:
        server.port = running.server_address[1]
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        running.shutdown()
