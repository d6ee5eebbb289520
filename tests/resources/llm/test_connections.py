"""A server that cannot be reached is told of with what is to be done: about its certificate, its address, or the proxy on the way to it."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from operators.asking.answers import ServingStopped
from resources.embeddings import EmbeddingSettings, open_embeddings
from resources.llm import LLMSettings, open_serving
from resources.llm.backends import http_client
from tests.resources.llm.scripted_server import http, running

FAR = "http://far.example/v1"
TOLD_OF_THE_SERVER = "Start it"


def told(base_url: str) -> str:
    settings = LLMSettings(base_url=base_url, model="mock", cache=False, ledger=False, retries=1, retry_seconds=0.01, timeout=60)
    with pytest.raises(ServingStopped) as stop:
        open_serving(settings).generate_from_input(["a question"])
    assert stop.value.cause == "unreachable"
    return str(stop.value)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment, without a proxy yet."""
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def certificate(folder: Path) -> ssl.SSLContext:
    """Of a server that vouches for itself."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + made.public_bytes(pem)
    (folder / "server.pem").write_bytes(written)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@contextmanager
def greeting(context: ssl.SSLContext | None) -> Iterator[str]:
    """The address of a server that only shows its certificate, to whoever comes, one after the other; or says that it was asked badly."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with suppress(OSError), connection:
                    if context is None:
                        connection.recv(1)
                        connection.sendall(http(400, b""))
                    else:
                        context.wrap_socket(connection, server_side=True).recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


def test_a_certificate_that_nobody_vouches_for_is_said_to_be_so(tmp_path: Path) -> None:
    with greeting(certificate(tmp_path)) as address:
        said = told(address)
    assert "its certificate is not trusted (self-signed certificate)" in said
    assert "SSL_CERT_FILE" in said
    assert TOLD_OF_THE_SERVER not in said


def test_a_server_without_tls_is_to_be_named_by_http() -> None:
    with greeting(None) as address:
        said = told(address)
    assert "it speaks no TLS. Give its address with http://" in said


@pytest.mark.parametrize("target", ["http://127.0.0.1:9", "http://proxy.invalid:3128"])
def test_a_proxy_that_is_not_there_is_named_and_not_the_server(target: str, proxy: pytest.MonkeyPatch) -> None:
    proxy.setenv("HTTP_PROXY", target.replace("//", "//user:secret-password@"))
    said = told(FAR)
    assert f"the proxy at {target.removeprefix('http://')} (HTTP_PROXY), through which the server at {FAR} is asked, cannot be reached" in said
    assert "Mend HTTP_PROXY, or name the host of the server in NO_PROXY." in said
    assert TOLD_OF_THE_SERVER not in said
    assert "secret-password" not in said


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_lets_nothing_through_stops_the_run(status: int, proxy: pytest.MonkeyPatch) -> None:
    with running(otherwise=http(status, b"")) as server:
        proxy.setenv("HTTPS_PROXY", server.address)
        said = told(FAR.replace("http://", "https://"))
    assert f"does not pass requests on ({status} Said)" in said
    assert "HTTPS_PROXY" in said


@contextmanager
def dropping() -> Iterator[str]:
    """An address that takes no connection and refuses none: all places in its queue are taken."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listening.getsockname())
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            for each in waiting:
                each.close()


def test_an_address_that_says_nothing_is_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "_CONNECT_SECONDS", 0.5)
    with dropping() as address:
        assert "cannot be reached: no connection within 0.5 s. Start it" in told(address)


def test_so_it_is_with_embeddings(proxy: pytest.MonkeyPatch) -> None:
    proxy.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    settings = EmbeddingSettings(base_url=FAR, cache=False, ledger=False, retries=1, retry_seconds=0.01)
    for model in ("mock", None):
        with pytest.raises(ServingStopped, match=r"the proxy at 127.0.0.1:9 .*Mend HTTP_PROXY"):
            open_embeddings(settings.model_copy(update={"model": model})).embed(["a"])
