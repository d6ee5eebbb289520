"""Tokenizers of models: a tokenizer.json, the tokenizer in a GGUF file, or that of a model on the hub."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from operators.bases.models.gguf_fields import read_fields
from operators.bases.models.gguf_tokenizer import LISTS, build_tokenizer
from operators.bases.models.weights import find_weights, weights_problems
from operators.tables.errors import Problem, StageFailed, first_line

PACKAGES = ("tokenizers",)
WHERE = "A tokenizer.json or its folder, a .gguf file, or OWNER/NAME on the hub."
_CACHED = 4


def tokenizer_problems(operator: str, name: str) -> list[Problem]:
    """What is known to be wrong before anything runs."""
    return weights_problems(operator, name)


def tokenizer_packages(names: Sequence[str]) -> tuple[str, ...]:
    """What has to be installed to read these."""
    return PACKAGES if all(Path(name).expanduser().exists() for name in names) else (*PACKAGES, "huggingface_hub")


@lru_cache(maxsize=_CACHED)
def find_tokenizer(name: str, wanted_by: str) -> Any:
    """A tokenizer of the package `tokenizers` that neither cuts nor pads.

    Raises:
        StageFailed: there is none, or it cannot be read.
    """
    from tokenizers import Tokenizer

    path = find_weights(name, wanted_by, ["tokenizer.json"])
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise StageFailed(f"{wanted_by}: {path} has no tokenizer.json. {WHERE}")
    try:
        tokenizer = build_tokenizer(read_fields(file, LISTS)) if file.suffix == ".gguf" else Tokenizer.from_file(str(file))
    except Exception as error:
        raise StageFailed(f"{wanted_by}: the tokenizer {file} cannot be read: {first_line(error)}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def count_tokens(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    """Without the tokens that a model puts at the ends of a text."""
    return [len(encoded.ids) for encoded in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]
