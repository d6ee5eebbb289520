"""The commands that start a model server whose answers the engine can use: OpenAI's protocol, schemas that constrain decoding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

COMPACT_ANSWERS = {"backend": "guidance", "disable_any_whitespace": True}
"""How vLLM constrains an answer to a schema. Without it small models spend most of their tokens on line breaks between those that count."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the servers have in common. None leaves a setting to the server."""

    model: str
    name: str | None = None
    """Name of the model for clients; the model itself if not given."""
    host: str = "127.0.0.1"
    port: int = 8000
    gpus: int | None = None
    """Over how many the model is spread."""
    gpu_memory: float | None = None
    """Share of the GPU memory for weights and cache, 0 to 1."""
    max_model_len: int | None = None
    """Longest prompt and answer together, in tokens."""
    further: Sequence[str] = ()
    """Options of the server itself."""


def vllm_command(options: ServeOptions, python: str) -> list[str]:
    """`python` is an interpreter that has vLLM. Equal starts of prompts are computed once (prefix caching), which prompts of one operator have."""
    command = [python, "-m", "vllm.entrypoints.cli.main", "serve", options.model, "--host", options.host, "--port", str(options.port)]
    command += ["--enable-prefix-caching", "--structured-outputs-config", json.dumps(COMPACT_ANSWERS, separators=(",", ":"))]
    for option, value in (
        ("--served-model-name", options.name),
        ("--tensor-parallel-size", options.gpus),
        ("--gpu-memory-utilization", options.gpu_memory),
        ("--max-model-len", options.max_model_len),
    ):
        command += [] if value is None else [option, str(value)]
    return [*command, *options.further]


def sglang_command(options: ServeOptions, python: str) -> list[str]:
    """`python` is an interpreter that has SGLang."""
    command = [python, "-m", "sglang.launch_server", "--model-path", options.model, "--host", options.host, "--port", str(options.port)]
    for option, value in (
        ("--served-model-name", options.name),
        ("--tp", options.gpus),
        ("--mem-fraction-static", options.gpu_memory),
        ("--context-length", options.max_model_len),
    ):
        command += [] if value is None else [option, str(value)]
    return [*command, *options.further]
