"""Models of a few thousand parameters with random weights, saved as real ones are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORDS = "the a cat dog sat on mat what is of answer question good bad text water boils at 100 1 2 3 4 5 6 and it . ? : # quality complexity".split()
VOCABULARY = len(WORDS) + 4


def tokenizer_into(folder: Path, encoder: bool, words: Sequence[str] = WORDS) -> Any:
    """Words as tokens; an encoder's adds [CLS] and [SEP]."""
    from tokenizers import Tokenizer, pre_tokenizers, processors
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(WordLevel({word: at for at, word in enumerate([*special, *words])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if encoder:
        tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", **({"cls_token": "[CLS]", "sep_token": "[SEP]"} if encoder else {})}
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if encoder else [])]
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=inputs, **names)
    made.save_pretrained(folder)
    return made


def bert_config(**settings: Any) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(WORDS) + 4,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        **settings,
    )


def classifier_into(folder: Path, labels: int) -> Path:
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(labels)
    tokenizer_into(folder, encoder=True)
    BertForSequenceClassification(bert_config(num_labels=labels, initializer_range=0.5)).save_pretrained(folder)
    return folder


def encoder_with_head_into(folder: Path, encoder: str, head: str, sizes: list[int]) -> Path:
    """As repositories save a module of an encoder and linear layers with ReLU and dropout between them."""
    import torch
    from safetensors.torch import save_file
    from transformers import BertModel

    torch.manual_seed(7)
    tokenizer_into(folder, encoder=True)
    config = bert_config(initializer_range=0.5)
    model = BertModel(config)
    config.save_pretrained(folder)
    state = {f"{encoder}.{name}": value for name, value in model.state_dict().items()}
    for at, (before, after) in enumerate(zip([16, *sizes], sizes, strict=False)):
        name = head if len(sizes) == 1 else f"{head}.{3 * at}"
        state |= {f"{name}.weight": torch.randn(after, before), f"{name}.bias": torch.randn(after)}
    save_file({name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors", {"format": "pt"})
    return folder


def causal_into(folder: Path, positions: int = 64, words: Sequence[str] = WORDS) -> Path:
    tokenizer_into(folder, encoder=False, words=words)
    return _gpt2_into(folder, positions, VOCABULARY)


def causal_of_letters_into(folder: Path) -> Path:
    """Letters as tokens, but for ":a", which is one where the two stand together."""
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast

    letters = [chr(code) for code in range(32, 127)]
    vocabulary = {letter: at for at, letter in enumerate(["\n", *letters, ":a"])}
    PreTrainedTokenizerFast(tokenizer_object=Tokenizer(BPE(vocabulary, [(":", "a")])), pad_token=" ").save_pretrained(folder)
    return _gpt2_into(folder, 512, len(vocabulary))


def decoder_classifier_into(folder: Path, labels: int) -> Path:
    """A decoder whose classes are read at the last token, as QuRater is; its configuration does not name the padding."""
    import torch
    from transformers import LlamaConfig, LlamaForSequenceClassification

    torch.manual_seed(11)
    tokenizer_into(folder, encoder=False)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=64,
        num_labels=labels,
        initializer_range=0.5,
        pad_token_id=None,
    )
    LlamaForSequenceClassification(config).save_pretrained(folder)
    return folder


def _gpt2_into(folder: Path, positions: int, vocabulary: int) -> Path:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(3)
    config = GPT2Config(
        vocab_size=vocabulary, n_positions=positions, n_embd=16, n_layer=2, n_head=2, initializer_range=0.5, bos_token_id=0, eos_token_id=0
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def encoder_into(folder: Path) -> Path:
    import torch
    from transformers import BertModel

    torch.manual_seed(5)
    tokenizer_into(folder, encoder=True)
    BertModel(bert_config(initializer_range=0.5)).save_pretrained(folder)
    return folder
