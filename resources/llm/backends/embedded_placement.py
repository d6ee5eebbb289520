"""How a model is laid out over this machine: how many servers, threads and tokens of context fit."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from resources.models.gguf_header import read_header

SERVERS_VARIABLE = "DATAFLOW_EMBEDDED_SERVERS"
SLOTS_VARIABLE = "DATAFLOW_EMBEDDED_SLOTS"
_MOST_SERVERS = 8
_MOST_CONTEXT_BYTES = 2**29
"""What the context of one server may take: 18,000 tokens of a model of 1.5 billion parameters."""
KEPT_STARTS_MIB = 256
"""Memory of a server for the starts of prompts that are not in its slot: five of 2,000 tokens for a model of 1.5 billion parameters."""
_UNTOLD_CONTEXT_TOKENS = 4096
_SHARE_OF_MEMORY = 0.5
"""Of the free memory; the rest is for the tables."""


@dataclass(frozen=True, slots=True)
class Placement:
    """`context_tokens` is for the prompt and the answer of one request; a server computes as many requests together as it has slots."""

    servers: int
    threads: int
    context_tokens: int
    slots: int


def place(weights: Path, slots: int = 1) -> Placement:
    """One single-threaded server a core; fewer, of more threads, where their memory would not fit. The context is the file's, as far as it fits.

    Raises:
        ModelError: it is no GGUF file.
        ValueError: DATAFLOW_EMBEDDED_SERVERS is no number.
    """
    header = read_header(weights)
    tokens = header.context_tokens or _UNTOLD_CONTEXT_TOKENS
    if header.bytes_per_token:
        tokens = min(tokens, _MOST_CONTEXT_BYTES // header.bytes_per_token)
    # llama.cpp rearranges quantised weights for the processor: each server then has a copy of its own
    of_one = weights.stat().st_size + slots * tokens * header.bytes_per_token + KEPT_STARTS_MIB * 2**20
    servers = wanted = count_of_servers()
    if SERVERS_VARIABLE not in os.environ:
        servers = max(1, min(wanted, int(_SHARE_OF_MEMORY * _free_memory() / of_one)))
    return Placement(servers, _usable_cores() // servers if servers < wanted else 1, tokens, slots)


def count_of_servers() -> int:
    """DATAFLOW_EMBEDDED_SERVERS, or one for each core that this process may use."""
    return _count(SERVERS_VARIABLE, "servers") or min(_MOST_SERVERS, _usable_cores())


def count_of_slots() -> int:
    """DATAFLOW_EMBEDDED_SLOTS, or 1: with more, an answer depends in its last digits, and so in its words, on what was computed beside it."""
    return _count(SLOTS_VARIABLE, "requests that a server computes together") or 1


def _count(variable: str, what: str) -> int | None:
    chosen = os.environ.get(variable)
    if chosen is None:
        return None
    if not (chosen.isascii() and chosen.isdigit() and int(chosen)):
        raise ValueError(f"{variable} is {chosen!r}: it should be the number of {what}, from 1.")
    return int(chosen)


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _free_memory() -> int:
    """Bytes that Linux says can be had without swapping; elsewhere half of all memory."""
    known = Path("/proc/meminfo")
    match = re.search(r"^MemAvailable:\s+(\d+) kB", known.read_text(), re.MULTILINE) if known.is_file() else None
    return 1024 * int(match[1]) if match else os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
