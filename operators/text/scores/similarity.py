"""What encoders of transformers make of texts: vectors, and how alike two texts are token by token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from operators.bases.models.inference import Tokens, batches_by_length, chosen_device, load_model, load_tokenizer, padded
from operators.bases.models.transformers import UsesTransformers
from operators.tables.columns import Input, Output


class EmbeddingEvaluator(UsesTransformers):
    """Make a unit vector of each text, by an encoder: for VendiEvaluator, MaximumMeanDiscrepancyEvaluator and semantic deduplication."""

    source = "Sentence-BERT (Reimers & Gurevych 2019)"
    asks = ("turn texts into vectors", "sentence embeddings as a column", "vectorize with a local encoder such as BGE")

    input_text = Input(str)
    output_embedding = Output(pa.list_(pa.float32()), "embedding")

    weights: str = Field("sentence-transformers/all-MiniLM-L6-v2", description="Folder or hub repository of an encoder.")
    pooling: Literal["mean", "first_token"] = Field("mean", description="What is made of the vectors of the tokens; see the model's own page.")
    max_length: int = Field(256, ge=8, description="Tokens of each text that are read.")

    def evaluate_batch(self, text: pa.Array) -> pa.Array:
        import torch

        made: list[Any] = [None] * len(text)
        for group, vectors, mask in hidden_states(self, text.to_pylist()):
            kept = mask[..., None].float()
            pooled = (vectors * kept).sum(1) / kept.sum(1).clamp(min=1) if self.pooling == "mean" else vectors[:, 0]
            for at, vector in zip(group, torch.nn.functional.normalize(pooled).tolist(), strict=True):
                made[at] = vector
        return pa.array(made, pa.list_(pa.float32()))


class BertScoreEvaluator(UsesTransformers):
    """Compare a text with a reference by BERTScore: precision, recall and F1 of the best cosine of each token, -1 to 1, in practice 0.5 to 1.

    Without idf and rescaling, from the last layer unless `layer` says another; special tokens do not count. Null where either text has no token.
    """

    covers = ("BertSampleEvaluator",)
    source = "Zhang et al. 2020"
    asks = (
        "semantic similarity between a prediction and the gold answer",
        "compare generated and reference text with embeddings",
        "does the summary mean the same as the reference",
    )

    input_text = Input(str)
    input_reference = Input(str)
    output_f1 = Output(float, "bert_score")
    output_precision = Output(float, "bert_score_precision")
    output_recall = Output(float, "bert_score_recall")

    weights: str = Field("distilbert/distilbert-base-uncased", description="Folder or hub repository of an encoder, of the texts' language.")
    layer: int | None = Field(None, ge=0, description="Layer whose vectors are compared; the last by default.")
    max_length: int = Field(512, ge=8)

    def evaluate_batch(self, text: pa.Array, reference: pa.Array) -> dict[str, list[float | None]]:
        special = set(load_tokenizer(self.weights, self.name).all_special_ids)
        texts, references = text.to_pylist(), reference.to_pylist()
        own = self._token_vectors(texts, special)
        other = self._token_vectors(references, special)
        rows = [_greedy_matches(left, right) for left, right in zip(own, other, strict=True)]
        return {name: [row[at] for row in rows] for at, name in enumerate(("f1", "precision", "recall"))}

    def _token_vectors(self, texts: Sequence[str], special: set[int]) -> list[Any]:
        import torch

        made: list[Any] = [None] * len(texts)
        tokens = token_ids(self, texts)
        for group, vectors, _ in hidden_states(self, texts, self.layer):
            for at, found in zip(group, torch.nn.functional.normalize(vectors, dim=-1), strict=True):
                made[at] = found[[place for place, token in enumerate(tokens[at]) if token not in special]]
        return made


def _greedy_matches(own: Any, other: Any) -> tuple[float | None, float | None, float | None]:
    if not len(own) or not len(other):
        return None, None, None
    cosines = own @ other.T
    precision, recall = float(cosines.max(1).values.mean()), float(cosines.max(0).values.mean())
    total = precision + recall
    return (2 * precision * recall / total if total else 0.0), precision, recall


def token_ids(operator: Any, texts: Sequence[str]) -> list[Tokens]:
    tokenizer = load_tokenizer(operator.weights, operator.name)
    found: list[Tokens] = tokenizer(list(texts), truncation=True, max_length=operator.max_length)["input_ids"]
    return [tokens or [tokenizer.pad_token_id or 0] for tokens in found]


def hidden_states(operator: Any, texts: Sequence[str], layer: int | None = None) -> Any:
    """For groups of texts of similar length: their places, the vectors of their tokens, and which tokens are theirs."""
    import torch

    device = chosen_device(operator.device)
    model = load_model(operator.weights, "AutoModel", device, operator.name, operator.precision)
    padding = load_tokenizer(operator.weights, operator.name).pad_token_id or 0
    tokens = token_ids(operator, texts)
    for group in batches_by_length(tokens, operator.batch_tokens):
        ids, mask = padded([tokens[at] for at in group], padding, device)
        with torch.inference_mode():
            made = model(input_ids=ids, attention_mask=mask, output_hidden_states=layer is not None)
        yield group, (made.last_hidden_state if layer is None else made.hidden_states[layer]).float(), mask
