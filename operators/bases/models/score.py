"""Numbers of texts from a classification or regression model: which weights, and how its numbers are read, a card says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pyarrow as pa
from pydantic import Field

from operators.bases.models import onnx_classifier
from operators.bases.models.card import ModelCard
from operators.bases.models.inference import Tokens, batches_by_length, chosen_device, load_encoder_with_head, load_model, load_tokenizer, padded
from operators.bases.models.onnx_classifier import OnnxClassifier, has_other_weights, load_onnx, load_onnx_tokenizer, onnx_file
from operators.bases.models.transformers import UsesTransformers
from operators.bases.models.weights import find_weights
from operators.tables.columns import Output

Piece: TypeAlias = tuple[Tokens, Tokens]
"""Token ids, special ones included, and token types."""


class ScoresByCard(UsesTransformers, abstract=True):
    """Texts to numbers, as a model card says."""

    card: ModelCard
    max_length: int | None = Field(None, ge=8, description="Tokens that the model sees at once; the card's by default.")
    runtime: Literal["auto", "transformers", "onnxruntime"] = Field(
        "auto", description="auto: onnxruntime for a folder with model.onnx or onnx/model.onnx and no other weights, else transformers."
    )

    @property
    def needed_packages(self) -> tuple[str, ...]:
        if not self._by_onnx():
            return self.packages
        is_here = Path(self.weights or self.card.weights).expanduser().exists()
        return onnx_classifier.PACKAGES if is_here else (*onnx_classifier.PACKAGES, "huggingface_hub")

    def _by_onnx(self) -> bool:
        if self.runtime == "auto":
            folder = Path(self.weights or self.card.weights).expanduser()
            return onnx_file(folder) is not None and not has_other_weights(folder)
        return self.runtime == "onnxruntime"

    def outputs(self) -> dict[str, Output]:
        card = self.card
        cut = Output(bool, f"{card.name}_truncated", description="longer than the model sees: the score is that of the beginning")
        truncated = {} if card.chunked else {"truncated": cut}
        if len(card.labels) == 1:
            return {card.labels[0]: Output(float, card.name, description=card.scale), **truncated}
        made = {label: Output(float, f"{card.name}_{label}", description=card.scale) for label in card.labels}
        return {**made, **({"score": Output(float, card.name, description=card.scale)} if card.values else {}), **truncated}

    def scores(self, *texts: Sequence[str]) -> dict[str, pa.Array]:
        """Of each text, or pair of texts, by output name."""
        card, weights = self.card, self.weights or self.card.weights
        run: Callable[[Sequence[Piece]], list[list[float]]]
        if self._by_onnx():
            folder = find_weights(weights, self.name, onnx_classifier.FILES)
            model, tokenizer = load_onnx(folder, self.device, self.name), load_onnx_tokenizer(folder, self.name)
            run = partial(self._run_onnx, model, tokenizer.pad_token_id)
        else:
            tokenizer = load_tokenizer(weights, self.name)
            run = partial(self._run, tokenizer, weights, chosen_device(self.device))
        pieces, owners, truncated = self._pieces(tokenizer, texts)
        sums: list[list[float]] = [[0.0] * len(card.labels) for _ in texts[0]]
        counts = [0] * len(texts[0])
        for group in batches_by_length([piece for piece, _ in pieces], self.batch_tokens):
            for at, values in zip(group, run([pieces[at] for at in group]), strict=True):
                size = len(pieces[at][0])
                counts[owners[at]] += size
                sums[owners[at]] = [total + size * value for total, value in zip(sums[owners[at]], values, strict=True)]
        means = [[total / count for total in totals] for totals, count in zip(sums, counts, strict=True)]
        columns: dict[str, list[float]] = {label: [row[at] for row in means] for at, label in enumerate(card.labels)}
        if card.values:
            columns["score"] = [sum(share * value for share, value in zip(row, card.values, strict=True)) for row in means]
        made = {label: pa.array(values, pa.float64()) for label, values in columns.items()}
        return made if card.chunked else {**made, "truncated": pa.array(truncated, pa.bool_())}

    def _pieces(self, tokenizer: Any, texts: Sequence[Sequence[str]]) -> tuple[list[Piece], list[int], list[bool]]:
        """The (token ids, token types) of each piece that is scored, with special tokens; which text it is of; which texts do not fit in one."""
        encoded = tokenizer(
            *(list(part) for part in texts),
            truncation=True,
            max_length=self.max_length or self.card.max_length,
            return_token_type_ids=True,
            return_overflowing_tokens=True,
        )
        ids: list[Tokens] = [tokens or [tokenizer.pad_token_id or 0] for tokens in encoded["input_ids"]]
        types: list[Tokens] = [kind or [0] for kind in encoded["token_type_ids"]]
        owners = list(encoded["overflow_to_sample_mapping"])
        count = Counter(owners)
        scored = [at for at, owner in enumerate(owners) if self.card.chunked or not at or owners[at - 1] != owner]
        return [(ids[at], types[at]) for at in scored], [owners[at] for at in scored], [count[text] > 1 for text in range(len(texts[0]))]

    def _run_onnx(self, model: OnnxClassifier, padding: int, pieces: Sequence[Piece]) -> list[list[float]]:
        made = onnx_classifier.activated(model.logits(pieces, padding), self.card.activation)
        self._check_labels(made.shape[1])
        return made.tolist()  # type: ignore[no-any-return]

    def _run(self, tokenizer: Any, weights: str, device: str, pieces: Sequence[Piece]) -> list[list[float]]:
        import torch

        card = self.card
        padding = tokenizer.pad_token_id or 0
        model = self._model(weights, device)
        if not card.head:
            # Decoders find the last token of a text by the padding after it.
            if model.config.pad_token_id is None:
                model.config.pad_token_id = padding
            padding = model.config.pad_token_id
        ids, mask = padded([tokens for tokens, _ in pieces], padding, device)
        inputs = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in tokenizer.model_input_names:
            inputs["token_type_ids"] = padded([types for _, types in pieces], 0, device)[0]
        with torch.inference_mode():
            logits = (model(**inputs) if card.head else model(**inputs).logits).float()
            made = {"none": logits, "sigmoid": logits.sigmoid(), "softmax": logits.softmax(-1)}[card.activation]
        self._check_labels(made.shape[1])
        return made.tolist()  # type: ignore[no-any-return]

    def _check_labels(self, numbers: int) -> None:
        labels = self.card.labels
        if numbers != len(labels):
            raise ValueError(f"the model gives {numbers} numbers, but its card has {len(labels)} labels: {', '.join(labels)}")

    def _model(self, weights: str, device: str) -> Any:
        card = self.card
        if card.head:
            return load_encoder_with_head(weights, card.encoder, card.head, card.pooling, device, self.name, self.precision)
        return load_model(weights, "AutoModelForSequenceClassification", device, self.name, self.precision)
