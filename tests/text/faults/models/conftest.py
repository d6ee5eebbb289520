"""Folders with tiny models, and a count of the passes that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.text import tiny_models
from tests.text.faults.models.running import Folder, Shapes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Makes each model once."""
    makers: dict[str, Callable[..., Path]] = {
        "classifier": tiny_models.classifier_into,
        "decoder_classifier": tiny_models.decoder_classifier_into,
        "head": tiny_models.encoder_with_head_into,
        "causal": tiny_models.causal_into,
    }
    made: dict[tuple[Any, ...], str] = {}

    def folder(kind: str, *settings: Any) -> str:
        key = (kind, repr(settings))
        if key not in made:
            made[key] = str(makers[kind](tmp_path_factory.mktemp(kind), *settings))
        return made[key]

    return folder


@pytest.fixture
def passes() -> Iterator[Shapes]:
    """The shape, (rows, tokens), of each pass of a model."""
    import torch

    found: Shapes = []

    def note(module: Any, given: tuple[Any, ...]) -> None:
        if isinstance(module, torch.nn.Embedding) and module.num_embeddings == tiny_models.VOCABULARY:
            found.append(tuple(given[0].shape))

    handle = torch.nn.modules.module.register_module_forward_pre_hook(note)
    yield found
    handle.remove()
