"""Small files in GGUF: everything that a header says, and no weights worth loading."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


def write_gguf(
    path: Path,
    *,
    architecture: str = "llama",
    template: str | None = TEMPLATE,
    splits: int = 0,
    context: int = 2048,
    weights: int = 16,
    pooling: int = 0,
) -> Path:
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(context)
    writer.add_block_count(4)
    writer.add_embedding_length(64)
    writer.add_head_count(8)
    writer.add_head_count_kv(2)
    writer.add_license("apache-2.0")
    writer.add_token_list(["<s>", "a", "b"])
    writer.add_token_scores([0.0, -1.0, -2.0])
    if template is not None:
        writer.add_chat_template(template)
    if pooling:
        writer.add_pooling_type(gguf.PoolingType(pooling))
    if splits:
        writer.add_uint16("split.count", splits)
    writer.add_tensor("token_embd.weight", np.arange(weights, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
