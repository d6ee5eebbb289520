"""Classifiers as ONNX files, run by onnxruntime with their own tokenizer: no torch, no transformers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from operators.bases.models.inference import LOADED_AT_ONCE, Tokens
from operators.tables.errors import StageFailed, first_line

PACKAGES = ("onnxruntime", "tokenizers")
FILES = ["*.json", "model.onnx*", "onnx/model.onnx*"]
"""What of a repository on the hub is needed."""
_NUMBERS = {"tensor(int64)": "int64", "tensor(int32)": "int32"}


def onnx_file(folder: Path) -> Path | None:
    """The graph of a folder of weights: where exporters put it."""
    return next((file for file in (folder / "model.onnx", folder / "onnx" / "model.onnx") if file.is_file()), None)


def has_other_weights(folder: Path) -> bool:
    return any(next(folder.glob(pattern), None) for pattern in ("*.safetensors", "pytorch_model*.bin"))


class OnnxClassifier:
    """A graph that takes token ids and attention mask (and token types, where it has such an input) and gives one row of numbers a text."""

    def __init__(self, folder: Path, device: str, wanted_by: str) -> None:
        import onnxruntime

        file = onnx_file(folder)
        if file is None:
            raise StageFailed(f"{wanted_by}: {folder} has no model.onnx, nor onnx/model.onnx: export the model there, or give runtime=transformers.")
        try:
            self._session = onnxruntime.InferenceSession(str(file), providers=_providers(device, onnxruntime.get_available_providers(), wanted_by))
        except StageFailed:
            raise
        except Exception as error:
            raise StageFailed(f"{wanted_by}: {file} cannot be loaded: {first_line(error)}") from error
        self._inputs = {given.name: _NUMBERS.get(given.type, "") for given in self._session.get_inputs()}
        if unknown := [
            name for name, numbers in self._inputs.items() if name not in ("input_ids", "attention_mask", "token_type_ids") or not numbers
        ]:
            raise StageFailed(f"{wanted_by}: {file} wants the input {unknown[0]}, which no tokenizer gives: export it for text classification.")
        names = [made.name for made in self._session.get_outputs()]
        self._output = "logits" if "logits" in names else names[0]
        self._file = file
        self._wanted_by = wanted_by

    def logits(self, pieces: Sequence[tuple[Tokens, Tokens]], padding: int) -> Any:
        """Of (token ids, token types): float32, shape (pieces, labels)."""
        import numpy as np

        longest = max(len(ids) for ids, _ in pieces)

        def array(rows: Sequence[Tokens], fill: int, name: str) -> Any:
            return np.array([[*row, *[fill] * (longest - len(row))] for row in rows], self._inputs[name])

        given: Mapping[str, tuple[Sequence[Tokens], int]] = {
            "input_ids": ([ids for ids, _ in pieces], padding),
            "attention_mask": ([[1] * len(ids) for ids, _ in pieces], 0),
            "token_type_ids": ([types for _, types in pieces], 0),
        }
        arrays = {name: array(*given[name], name) for name in self._inputs}
        (made,) = self._session.run([self._output], arrays)
        if made.ndim != 2:
            shape = " x ".join(map(str, made.shape))
            raise StageFailed(
                f'{self._wanted_by}: "{self._output}" of {self._file} has the shape {shape}, not one row of numbers a text: another kind of model.'
            )
        return made.astype(np.float32)


class OnnxTokenizer:
    """The tokenizer.json of a folder of weights, called as those of transformers are."""

    def __init__(self, folder: Path, wanted_by: str) -> None:
        from tokenizers import Tokenizer

        file = folder / "tokenizer.json"
        if not file.is_file():
            raise StageFailed(f"{wanted_by}: {folder} has no tokenizer.json, which a model.onnx is read with: save the model's fast tokenizer there.")
        try:
            self._tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # what the library raises for a file that it cannot read is a plain Exception
            raise StageFailed(f"{wanted_by}: {file} cannot be read: {first_line(error)}") from error
        self._tokenizer.no_padding()
        self.pad_token_id = _padding(folder, self._tokenizer)

    def __call__(self, *texts: Sequence[str], max_length: int, **_: Any) -> dict[str, list[Any]]:
        """Of texts, or pairs of texts, every piece of `max_length` tokens with the place of its text."""
        self._tokenizer.enable_truncation(max_length, stride=0, strategy="longest_first")
        whole = self._tokenizer.encode_batch(list(texts[0]) if len(texts) == 1 else list(zip(*texts, strict=True)))
        pieces = [(piece, at) for at, encoding in enumerate(whole) for piece in (encoding, *encoding.overflowing)]
        return {
            "input_ids": [piece.ids for piece, _ in pieces],
            "token_type_ids": [piece.type_ids for piece, _ in pieces],
            "overflow_to_sample_mapping": [at for _, at in pieces],
        }


@lru_cache(maxsize=LOADED_AT_ONCE)
def load_onnx(folder: Path, device: str, wanted_by: str) -> OnnxClassifier:
    return OnnxClassifier(folder, device, wanted_by)


@lru_cache(maxsize=LOADED_AT_ONCE)
def load_onnx_tokenizer(folder: Path, wanted_by: str) -> OnnxTokenizer:
    return OnnxTokenizer(folder, wanted_by)


def activated(logits: Any, activation: str) -> Any:
    """The numbers that a card asks for: logits as they are, each label's probability, or the shares of labels that exclude each other."""
    import numpy as np

    if activation == "none":
        return logits
    if activation == "sigmoid":
        return 1 / (1 + np.exp(-logits))
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def _providers(device: str, available: Sequence[str], wanted_by: str) -> list[str]:
    """ "auto" is the GPU where onnxruntime was built for one."""
    cuda = "CUDAExecutionProvider"
    if device == "cuda" and cuda not in available:
        raise StageFailed(f"{wanted_by}: this onnxruntime knows no CUDA: pip install onnxruntime-gpu in its place, or give device=cpu.")
    return [*([cuda] if device != "cpu" and cuda in available else []), "CPUExecutionProvider"]


def _padding(folder: Path, tokenizer: Any) -> int:
    """The model's own padding, which the mask takes out again; 0 where nothing names one."""
    config = folder / "config.json"
    named = json.loads(config.read_text(encoding="utf-8")).get("pad_token_id") if config.is_file() else None
    if isinstance(named, int):
        return named
    return next((token for name in ("[PAD]", "<pad>") if (token := tokenizer.token_to_id(name)) is not None), 0)
