"""Running transformers models on many texts: loaded once a process, batches of similar lengths, nothing of it imported before it is used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from operators.bases.models.weights import find_weights
from operators.tables.errors import StageFailed, first_line

Tokens: TypeAlias = list[int]
LOADED_AT_ONCE = 4
"""Models kept in memory; the one used longest ago goes first."""


def chosen_device(device: str) -> str:
    """ "auto" is the GPU where there is one."""
    import torch

    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device


def chosen_precision(precision: str, device: str) -> str:
    """ "auto" is half precision on a GPU; a CPU is slow at it."""
    return ("bfloat16" if device.startswith("cuda") else "float32") if precision == "auto" else precision


@lru_cache(maxsize=LOADED_AT_ONCE)
def load_tokenizer(weights: str, wanted_by: str) -> Any:
    from transformers import AutoTokenizer

    folder = find_weights(weights, wanted_by)
    return _loaded(lambda: AutoTokenizer.from_pretrained(folder, trust_remote_code=False), "tokenizer", folder, wanted_by)


def _loaded(load: Callable[[], Any], what: str, folder: Path, wanted_by: str) -> Any:
    """What `load` gives.

    Raises:
        StageFailed: it cannot be read, with what transformers says; no other row could fare better.
    """
    try:
        return load()
    except Exception as error:
        raise StageFailed(f"{wanted_by}: the {what} in {folder} cannot be loaded: {first_line(error)}") from error


@lru_cache(maxsize=LOADED_AT_ONCE)
def load_model(weights: str, architecture: str, device: str, wanted_by: str, precision: str = "auto") -> Any:
    """A model by the name of its Auto class in transformers: "AutoModelForSequenceClassification". No code of the repository is run.

    Raises:
        StageFailed: the weights cannot be read, or are of another kind of model.
    """
    import torch
    import transformers

    folder = find_weights(weights, wanted_by)
    settings = {"dtype": getattr(torch, chosen_precision(precision, device)), "trust_remote_code": False}
    reader = getattr(transformers, architecture)
    model, loading = _loaded(lambda: reader.from_pretrained(folder, output_loading_info=True, **settings), "model", folder, wanted_by)
    # An encoder whose last layer is all that is read may come without a pooler.
    missing = sorted(name for name in loading["missing_keys"] if not (architecture == "AutoModel" and "pooler." in name))
    if missing:
        raise StageFailed(
            f"{wanted_by}: the weights in {weights} lack {', '.join(missing[:3])}: another kind of model, whose scores would be random."
        )
    return model.to(device).eval()


@lru_cache(maxsize=LOADED_AT_ONCE)
def load_encoder_with_head(
    weights: str, encoder: str, head: str, pooling: str, device: str, wanted_by: str, precision: str = "auto"
) -> Callable[..., Any]:
    """An encoder and linear layers, with ReLU between them, that stand in the weights under the prefixes `encoder` and `head`.

    Repositories with a head of their own bring code for it; reading the layers from the weights needs none of it.
    """
    import torch
    import transformers

    folder = find_weights(weights, wanted_by)
    state = _state(folder, wanted_by)
    settings = transformers.PretrainedConfig.get_config_dict(folder)[0]
    base = settings.get("base_model")
    source = folder / base if base and (folder / base).exists() else base or folder
    config = _loaded(lambda: transformers.AutoConfig.from_pretrained(source, trust_remote_code=False), "configuration", folder, wanted_by)
    model = transformers.AutoModel.from_config(config)
    parts = {name.removeprefix(f"{encoder}."): value for name, value in state.items() if name.startswith(f"{encoder}.")}
    missing = [name for name in model.load_state_dict(parts, strict=False).missing_keys if not name.endswith("position_ids")]
    layers = _linear_layers(state, head)
    if not layers or (missing and not (pooling == "first_token" and all(name.startswith("pooler.") for name in missing))):
        raise StageFailed(
            f'{wanted_by}: the weights in {weights} have no {missing[0] if missing else head} under "{encoder}." and "{head}.": another model?'
        )
    model = model.to(device, getattr(torch, chosen_precision(precision, device))).eval()
    layers = [(weight.float().to(device), bias.float().to(device)) for weight, bias in layers]

    def run(**inputs: Any) -> Any:
        made = model(**inputs)
        values = (made.pooler_output if pooling == "pooler" else made.last_hidden_state[:, 0]).float()
        for at, (weight, bias) in enumerate(layers):
            values = torch.nn.functional.linear(torch.relu(values) if at else values, weight, bias)
        return values

    return run


def _state(folder: Path, wanted_by: str) -> dict[str, Any]:
    import torch

    state: dict[str, Any] = {}
    for file in sorted(folder.glob("*.safetensors")):
        from safetensors.torch import load_file

        state |= load_file(file)
    for file in [] if state else sorted(folder.glob("pytorch_model*.bin")):
        state |= torch.load(file, map_location="cpu", weights_only=True)
    if not state:
        raise StageFailed(f"{wanted_by}: {folder} has no model.safetensors or pytorch_model.bin.")
    return state


def _linear_layers(state: dict[str, Any], head: str) -> list[tuple[Any, Any]]:
    """The (weight, bias) pairs under the prefix, in the order of their numbers."""
    names = [name.removesuffix(".weight") for name in state if name.startswith(f"{head}.") and name.endswith(".weight")]
    ordered = sorted(names, key=lambda name: [int(number) for number in re.findall(r"\d+", name)])
    return [(state[f"{name}.weight"], state[f"{name}.bias"]) for name in ordered]


def batches_by_length(sequences: Sequence[Tokens], batch_tokens: int) -> Iterator[list[int]]:
    """The places of the sequences, longest first, in groups that are at most `batch_tokens` large when padded to the longest of the group."""
    order = sorted(range(len(sequences)), key=lambda at: -len(sequences[at]))
    group: list[int] = []
    for at in order:
        if group and len(sequences[group[0]]) * (len(group) + 1) > batch_tokens:
            yield group
            group = []
        group.append(at)
    if group:
        yield group


def padded(sequences: Sequence[Tokens], padding: int, device: str) -> tuple[Any, Any]:
    """Token ids and attention mask, padded at the end."""
    import torch

    longest = max(map(len, sequences))
    ids = torch.tensor([[*tokens, *[padding] * (longest - len(tokens))] for tokens in sequences], device=device)
    mask = torch.tensor([[1] * len(tokens) + [0] * (longest - len(tokens)) for tokens in sequences], device=device)
    return ids, mask
