"""The embedding model inside this process: one single-threaded llama.cpp server a core.

Why not one server with a thread a core: resources/llm/embedded_server.py tells.
"""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path
from typing import Any

from resources.llm.embedded_server import EmbeddedServers, count_of_servers

_CONTEXT_TOKENS = 512
_QUIET = -1

_lock = threading.Lock()
_running: dict[Path, tuple[EmbeddedServers, list[Any]]] = {}
os.register_at_fork(after_in_child=_running.clear)  # a fork copies the list of servers, not the threads that they are


def start(weights: Path) -> EmbeddedServers:
    """The servers of these weights, started by the first caller, gone with the process."""
    with _lock:
        if weights not in _running:
            api_key = secrets.token_urlsafe(24)
            servers = [_start_one(weights, api_key) for _ in range(count_of_servers())]
            _running[weights] = EmbeddedServers(tuple(server.listening_address for server in servers), api_key), servers
        return _running[weights][0]


def _start_one(weights: Path, api_key: str) -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.embedding = True
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [api_key]
    parameters.n_parallel = 1  # texts that are computed together change each other's last digits
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = _CONTEXT_TOKENS
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.n_threads_http = 2
    parameters.cache_ram_mib = 0
    parameters.ui = parameters.endpoint_slots = parameters.endpoint_props = False
    parameters.verbosity = _QUIET
    return xllamacpp.Server(parameters)
