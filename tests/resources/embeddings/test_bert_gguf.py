"""A BERT model of sentence-transformers rewritten for llama.cpp."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from resources.models.bert_gguf import rewrite_bert_as_gguf

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "word", "##s", "[odd]"]
CONFIG = {
    "num_hidden_layers": 1,
    "max_position_embeddings": 16,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 2,
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
}
SHAPES = {
    "embeddings.word_embeddings.weight": (8, 32),
    "embeddings.position_embeddings.weight": (16, 32),
    "embeddings.token_type_embeddings.weight": (2, 32),
    "embeddings.LayerNorm.weight": (32,),
    "embeddings.position_ids": (1, 16),
    "encoder.layer.0.attention.self.query.weight": (32, 32),
    "encoder.layer.0.attention.self.query.bias": (32,),
    "encoder.layer.0.attention.output.LayerNorm.bias": (32,),
    "encoder.layer.0.intermediate.dense.weight": (64, 32),
    "pooler.dense.weight": (32, 32),
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    random, header, values, offset = np.random.default_rng(0), {}, b"", 0
    for name, shape in SHAPES.items():
        array = np.zeros(shape, "<i8") if name.endswith("ids") else random.normal(size=shape).astype("<f4")
        header[name] = {"dtype": "I64" if name.endswith("ids") else "F32", "shape": shape, "data_offsets": [offset, offset + array.nbytes]}
        values, offset = values + array.tobytes(), offset + array.nbytes
    text = json.dumps(header).encode()
    (tmp_path / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + values)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    return tmp_path / "model.safetensors"


def test_names_words_and_values_are_those_that_llama_cpp_knows(source: Path, tmp_path: Path) -> None:
    import gguf

    rewrite_bert_as_gguf(source, tmp_path / "model.gguf")
    reader = gguf.GGUFReader(tmp_path / "model.gguf")
    assert {tensor.name for tensor in reader.tensors} == {
        *("token_embd.weight", "position_embd.weight", "token_types.weight", "token_embd_norm.weight"),
        *("blk.0.attn_q.weight", "blk.0.attn_q.bias", "blk.0.attn_output_norm.bias", "blk.0.ffn_up.weight"),
    }
    assert reader.fields["tokenizer.ggml.tokens"].contents() == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\u2581word", "s", "[odd]"]
    assert reader.fields["bert.attention.causal"].contents() is False
    kept = next(tensor for tensor in reader.tensors if tensor.name == "blk.0.ffn_up.weight")
    values = gguf.dequantize(kept.data, kept.tensor_type)
    raw = source.read_bytes()
    entry = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])["encoder.layer.0.intermediate.dense.weight"]["data_offsets"]
    start = 8 + int.from_bytes(raw[:8], "little")
    original = np.frombuffer(raw[start + entry[0] : start + entry[1]], "<f4").reshape(64, 32)
    np.testing.assert_allclose(values, original, atol=0.02)


def test_the_same_weights_give_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        rewrite_bert_as_gguf(source, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
