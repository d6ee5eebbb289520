"""The llama.cpp servers inside this process: one single-threaded server a core, started when first needed, gone with the process.

Why not one server with a thread a core: its threads wait for each other at every layer, spinning. On 2 free cores that is as fast; with other work on
the cores it was measured at a third, and it can be 20 times slower. Separate servers just get their share. One slot each, because the answers of
requests that are computed together depend on who was together, unless DATAFLOW_EMBEDDED_SLOTS asks for speed instead. The shared start of the
prompts is computed once a server all the same, also where several stages take turns: what was computed for each is kept beside the slot.
Weights that do not fit into memory once a core get fewer servers, of several threads each.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operators.asking.answers import ServingStopped
from resources.llm.backends.embedded_placement import KEPT_STARTS_MIB, Placement, place

_QUIET = -1


@dataclass(frozen=True, slots=True)
class EmbeddedServers:
    """Addresses on the loopback interface; only who has the key, made for this process, is answered."""

    addresses: tuple[str, ...]
    api_key: str


_lock = threading.Lock()
_running: dict[Path, tuple[EmbeddedServers, list[Any]]] = {}
os.register_at_fork(after_in_child=_running.clear)  # a fork copies the list of servers, not the threads that they are


def start(weights: Path, adjust: Callable[[Any], None] | None = None, slots: int = 1) -> EmbeddedServers:
    """The servers of these weights, started by the first caller (half a second each). `adjust` changes llama.cpp's parameters for another use."""
    with _lock:
        if weights not in _running:
            placement = place(weights, slots)
            api_key = secrets.token_urlsafe(24)
            servers = [_start_one(weights, api_key, placement, adjust) for _ in range(placement.servers)]
            _running[weights] = EmbeddedServers(tuple(server.listening_address for server in servers), api_key), servers
        return _running[weights][0]


def _start_one(weights: Path, api_key: str, placement: Placement, adjust: Callable[[Any], None] | None) -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [api_key]
    parameters.n_parallel = placement.slots
    parameters.n_ctx = placement.slots * placement.context_tokens
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = placement.threads
    parameters.n_threads_http = 2
    parameters.cache_ram_mib = KEPT_STARTS_MIB
    parameters.ui = parameters.endpoint_slots = parameters.endpoint_props = False
    parameters.verbosity = _QUIET
    if adjust is not None:
        adjust(parameters)
    try:
        return xllamacpp.Server(parameters)
    except RuntimeError as error:
        megabytes = weights.stat().st_size // 10**6
        raise ServingStopped(
            f"llama.cpp cannot load {weights} ({error}). Its file may be damaged (fetch it again), its architecture newer than this llama.cpp "
            f"(upgrade xllamacpp), or its {megabytes} MB and the context more than the free memory."
        ) from error
