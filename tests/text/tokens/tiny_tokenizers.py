"""Tokenizers of a few tokens, as the files that models come with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = ["the", "cat", "sat", "on", "mat"]


def words_into(folder: Path) -> Path:
    """A tokenizer.json for which each known word is a token, and any other is [UNK]. It cuts at 4 tokens, and puts [CLS] first."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(["[UNK]", "[CLS]", *WORDS])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()  # type: ignore[assignment]
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A", None, [("[CLS]", 1)])  # type: ignore[assignment]
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=4)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


def bytes_into(file: Path, cut: str = "gpt-2", **fields: Any) -> Path:
    """A GGUF file without weights, whose tokens are the bytes, "the" and a mark that ends a turn."""
    import gguf
    from tokenizers import pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*alphabet, "th", "the", "<|end|>"]
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_tokenizer_model(fields.get("model", "gpt2"))
    writer.add_tokenizer_pre(cut)
    writer.add_token_list(tokens)
    writer.add_token_types([*[gguf.TokenType.NORMAL] * (len(tokens) - 1), gguf.TokenType.CONTROL])
    writer.add_token_merges(["t h", "th e"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return file
