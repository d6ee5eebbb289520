"""A classifier of a few numbers as an ONNX file, and the same computed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.text.tiny_models import WORDS

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WIDTH = 4
MAX_LENGTH = 16


def tokenizer_into(folder: Path) -> None:
    """Words as tokens between [CLS] and [SEP]."""
    from tokenizers import Tokenizer, pre_tokenizers, processors
    from tokenizers.models import WordLevel

    tokenizer = Tokenizer(WordLevel({word: at for at, word in enumerate([*SPECIAL, *WORDS])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()  # type: ignore[assignment]
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])  # type: ignore[assignment]
    tokenizer.save(str(folder / "tokenizer.json"))


def weights_of(labels: int) -> tuple[Any, Any]:
    """Embeddings of tokens and of token types (in that order, one table), and the layer after their mean."""
    random = np.random.default_rng(labels)
    return random.normal(size=(len(SPECIAL) + len(WORDS) + 2, WIDTH)).astype(np.float32), random.normal(size=(WIDTH, labels)).astype(np.float32)


def classifier_into(folder: Path, labels: int, *, token_types: bool = True, numbers: str = "int64", file: str = "model.onnx") -> Path:
    """logits = mean over unmasked tokens of (embedding of the token + embedding of its type) @ layer."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer_into(folder)
    table, layer = weights_of(labels)
    kind = TensorProto.INT64 if numbers == "int64" else TensorProto.INT32
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if token_types else [])]
    node = helper.make_node
    nodes = [node("Gather", ["table", "input_ids"], ["tokens"])]
    if token_types:
        nodes += [node("Add", ["token_type_ids", "types_at"], ["types"]), node("Gather", ["table", "types"], ["kinds"])]
        nodes += [node("Add", ["tokens", "kinds"], ["vectors"])]
    else:
        nodes += [node("Identity", ["tokens"], ["vectors"])]
    nodes += [
        node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["mask", "last"], ["masks"]),
        node("Mul", ["vectors", "masks"], ["kept"]),
        node("ReduceSum", ["kept", "second"], ["sum"], keepdims=0),
        node("ReduceSum", ["masks", "second"], ["count"], keepdims=0),
        node("Div", ["sum", "count"], ["mean"]),
        node("MatMul", ["mean", "layer"], ["logits"]),
    ]
    constants = {"table": table, "layer": layer, "last": np.array([2]), "second": np.array([1])}
    constants["types_at"] = np.array(len(SPECIAL) + len(WORDS), numbers)
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, kind, ["batch", "tokens"]) for name in names],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", labels])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    target = folder / file
    target.parent.mkdir(exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), target)
    return folder


def logits(labels: int, *parts: str, token_types: bool = True) -> Any:
    """What the file should give for a text, or a pair of texts, that is not cut."""
    table, layer = weights_of(labels)
    first, *others = ([word_id(word) for word in part.split()] for part in parts)
    ids = [2, *first, 3, *(token for other in others for token in (*other, 3))]
    types = [0] * (len(first) + 2) + [1] * (len(ids) - len(first) - 2)
    vectors = table[ids] + (table[[len(SPECIAL) + len(WORDS) + kind for kind in types]] if token_types else 0)
    return vectors.mean(axis=0) @ layer


def word_id(word: str) -> int:
    return [*SPECIAL, *WORDS].index(word) if word in WORDS else 1


def pieces_of(words: Sequence[str], length: int = MAX_LENGTH) -> list[str]:
    room = length - 2
    return [" ".join(words[start : start + room]) for start in range(0, len(words), room)]
