"""The address of a server, however the user wrote it."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit, urlunsplit

_ENDPOINTS = ("/chat/completions", "/completions", "/models", "/embeddings")


def normalized(address: str) -> str:
    """`http://host:8000`, `http://host:8000/`, `http://host:8000/v1/chat/completions` all mean `http://host:8000/v1`; other paths stay as they are.

    Without a scheme it is http for an address of this machine or network (`127.0.0.1:8000`), else https.

    Raises:
        ValueError: no host, or none that there can be, a scheme that is not http or https, a port that is none, or a password in the address.
    """
    text = address.strip()
    if "://" not in text:
        text = ("http://" if is_local(text.split("/")[0].rsplit(":", 1)[0]) else "https://") + text
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the base URL of a model should look like http://127.0.0.1:8000/v1 or https://host/v1.")
    if fault := _fault_of(parts):
        raise ValueError(f"the base URL {parts.scheme}://{parts.netloc.rpartition('@')[2]} has {fault}.")
    if parts.username or parts.password:
        raise ValueError("the base URL holds a user name or password: give the key by itself (DATAFLOW_LLM_API_KEY, DATAFLOW_EMBEDDING_API_KEY).")
    path = parts.path.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint)
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/") or "/v1", parts.query, ""))


def _fault_of(parts: SplitResult) -> str | None:
    try:
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "a port that is no number from 0 to 65535"
    try:
        host.encode("idna")
    except UnicodeError:
        return "a host that no name can be"
    return "a space in its host" if any(map(str.isspace, host)) else None


def endpoint(base_url: str, path: str) -> str:
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path + path))


def shown(base_url: str) -> str:
    """For messages: without the query, which may hold a key."""
    return urlunsplit(urlsplit(base_url)._replace(query=""))


def is_local(host: str | None) -> bool:
    if host is None or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private
    except ValueError:
        return False
