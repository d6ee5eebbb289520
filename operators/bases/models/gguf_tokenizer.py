"""The tokenizer that a GGUF file holds, as one of the package `tokenizers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LISTS: Final = ("tokenizer.ggml.tokens", "tokenizer.ggml.merges", "tokenizer.ggml.token_type")
_CONTROL, _USER_DEFINED = 3, 4
_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_PATTERNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("qwen2", "deepseek-r1-qwen", "stablelm2", "megrez"), _WORDS + _REST),
    **dict.fromkeys(("llama-bpe", "llama-v3", "llama3", "falcon3", "pixtral", "dbrx", "smaug-bpe"), _WORDS + "{1,3}" + _REST),
}
"""How texts are cut before bytes are merged, by the name that llama.cpp gives it; others cut as GPT-2 does."""
_AS_GPT2: Final = ("gpt-2", "default", "phi-2", "olmo", "mpt", "jais", "roberta-bpe", "exaone")
_DIGITS_ALONE: Final = ("smollm", "starcoder", "refact", "command-r", "codeshell")
"""As GPT-2, but for each digit alone."""


def build_tokenizer(fields: Mapping[str, Any]) -> Any:
    """From the fields of the header.

    Raises:
        ValueError: it is of a kind that cannot be built.
    """
    kind = fields.get("tokenizer.ggml.model")
    if kind == "gpt2":
        return _byte_pairs(fields)
    if kind == "bert":
        return _word_pieces(fields)
    raise ValueError(f'a GGUF tokenizer of the kind "{kind}" cannot be built: give the tokenizer.json of the model')


def _byte_pairs(fields: Mapping[str, Any]) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

    cut = str(fields.get("tokenizer.ggml.pre", "default"))
    tokens, merges = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.merges"]
    pairs = [tuple(merge.split(" ", 1)) for merge in merges]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs, ignore_merges=cut in ("llama-bpe", "llama-v3", "llama3")))
    bytes_alone = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    as_gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if cut in _PATTERNS:
        steps = [pre_tokenizers.Split(Regex(_PATTERNS[cut]), "isolated"), bytes_alone]
    elif cut in _DIGITS_ALONE:
        steps = [pre_tokenizers.Digits(individual_digits=True), as_gpt2]
    elif cut in _AS_GPT2:
        steps = [as_gpt2]
    else:
        raise ValueError(f'it cuts texts in the way "{cut}", which is not known: give the tokenizer.json of the model')
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    types = fields.get("tokenizer.ggml.token_type") or []
    special = [token for token, type_ in zip(tokens, types, strict=False) if type_ in (_CONTROL, _USER_DEFINED)]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
    return tokenizer


def _word_pieces(fields: Mapping[str, Any]) -> Any:
    """llama.cpp marks the beginnings of words, BERT their insides."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    def as_bert(token: str) -> str:
        if token.startswith("\u2581"):
            return token[1:]
        return token if token.startswith("[") and token.endswith("]") else f"##{token}"

    vocabulary = {as_bert(token): number for number, token in enumerate(fields["tokenizer.ggml.tokens"])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer
