"""`ModelScore`: numbers of texts from a classification or regression model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from operators.core.columns import Input, Output
from operators.text.models.base import UsesTransformers
from operators.text.models.cards import (
    DEBERTA_QUALITY,
    FINEWEB_EDU,
    PAIR_QUAL_EN,
    QURATING,
    REWARD,
    TOXICITY,
    ModelCard,
)  # fmt: skip
from operators.text.models.inference import Tokens, batches_by_length, chosen_device, load_encoder_with_head, load_model, load_tokenizer, padded


class ScoresByCard(UsesTransformers, abstract=True):
    """Texts to numbers, as a model card says."""

    card: ModelCard
    max_length: int | None = Field(None, ge=8, description="Tokens that the model sees at once; the card's by default.")

    def outputs(self) -> dict[str, Output]:
        card = self.card
        if len(card.labels) == 1:
            return {card.labels[0]: Output(float, card.name, description=card.scale)}
        made = {label: Output(float, f"{card.name}_{label}", description=card.scale) for label in card.labels}
        return {**made, **({"score": Output(float, card.name, description=card.scale)} if card.values else {})}

    def scores(self, *texts: Sequence[str]) -> dict[str, pa.Array]:
        """Of each text, or pair of texts, by output name."""
        card, weights, device = self.card, self.weights or self.card.weights, chosen_device(self.device)
        tokenizer = load_tokenizer(weights, self.name)
        pieces, owners = self._pieces(tokenizer, texts)
        sums: list[list[float]] = [[0.0] * len(card.labels) for _ in texts[0]]
        counts = [0] * len(texts[0])
        for group in batches_by_length([piece for piece, _ in pieces], self.batch_tokens):
            for at, values in zip(group, self._run(tokenizer, [pieces[at] for at in group], weights, device), strict=True):
                size = len(pieces[at][0])
                counts[owners[at]] += size
                sums[owners[at]] = [total + size * value for total, value in zip(sums[owners[at]], values, strict=True)]
        means = [[total / count for total in totals] for totals, count in zip(sums, counts, strict=True)]
        columns: dict[str, list[float]] = {label: [row[at] for row in means] for at, label in enumerate(card.labels)}
        if card.values:
            columns["score"] = [sum(share * value for share, value in zip(row, card.values, strict=True)) for row in means]
        return {label: pa.array(values, pa.float64()) for label, values in columns.items()}

    def _pieces(self, tokenizer: Any, texts: Sequence[Sequence[str]]) -> tuple[list[tuple[Tokens, Tokens]], list[int]]:
        """The (token ids, token types) of each piece of each text, with special tokens, and which text each piece is of."""
        length = self.max_length or self.card.max_length
        chunks = {"return_overflowing_tokens": True, "stride": 0} if self.card.chunked else {}
        encoded = tokenizer(*(list(part) for part in texts), truncation=True, max_length=length, return_token_type_ids=True, **chunks)
        ids: list[Tokens] = [tokens or [tokenizer.pad_token_id or 0] for tokens in encoded["input_ids"]]
        types: list[Tokens] = [kind or [0] for kind in encoded["token_type_ids"]]
        owners = list(encoded["overflow_to_sample_mapping"]) if self.card.chunked else list(range(len(ids)))
        return list(zip(ids, types, strict=True)), owners

    def _run(self, tokenizer: Any, pieces: Sequence[tuple[Tokens, Tokens]], weights: str, device: str) -> list[list[float]]:
        import torch

        card = self.card
        ids, mask = padded([tokens for tokens, _ in pieces], tokenizer.pad_token_id or 0, device)
        inputs = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in tokenizer.model_input_names:
            inputs["token_type_ids"] = padded([types for _, types in pieces], 0, device)[0]
        with torch.inference_mode():
            if card.head:
                logits = load_encoder_with_head(weights, card.encoder, card.head, card.pooling, device, self.name)(**inputs)
            else:
                logits = load_model(weights, "AutoModelForSequenceClassification", device, self.name)(**inputs).logits
            logits = logits.float()
            made = {"none": logits, "sigmoid": logits.sigmoid(), "softmax": logits.softmax(-1)}[card.activation]
        if made.shape[1] != len(card.labels):
            raise ValueError(f"the model gives {made.shape[1]} numbers, but its card has {len(card.labels)} labels: {', '.join(card.labels)}")
        return made.tolist()  # type: ignore[no-any-return]


class ModelScore(ScoresByCard):
    """Score texts with any model that has a card: weights from a folder or the hub, and how its numbers are read. Follow with ScoreFilter to filter.

    The card says the outputs: one column for each label, and the score where the labels have values. Longer texts are cut at the card's
    `max_length` tokens, or scored piece by piece where the card says `chunked`. Give `card` for a model of your own.
    """

    input_text = Input(str)
    card: ModelCard = FINEWEB_EDU
    example: ClassVar[Mapping[str, Any]] = {"card": TOXICITY}

    def evaluate_batch(self, text: pa.Array) -> dict[str, pa.Array]:
        return self.scores(text.to_pylist())


class FineWebEduEvaluator(ModelScore):
    """Rate what a pupil would learn from a text, about 0 to 5, by the classifier of FineWeb-Edu. To filter as they did: ScoreFilter(min=3)."""

    covers = ("FineWebEduSampleEvaluator", "FineWebEduFilter")
    source = "FineWeb-Edu (Penedo et al. 2024)"
    example = {}
    card: ModelCard = FINEWEB_EDU


class PairQualEvaluator(ModelScore):
    """Rate the quality of English texts, unbounded and higher is better, by PairQual; for Chinese, weights="zks2856/PairQual-Scorer-zh".

    To filter as the reference does: ScoreFilter(min=2) on "pair_qual".
    """

    covers = ("PairQualSampleEvaluator", "PairQualFilter")
    source = "DataFlow (PairQual-Scorer on BGE, trained on pairwise preferences)"
    example = {}
    card: ModelCard = PAIR_QUAL_EN


class QuRatingEvaluator(ModelScore):
    """Rate writing style, required expertise, facts and educational value of a text, as logits around 0, by QuRater. Long texts by pieces.

    The logits have no absolute scale: rank rows, or filter by a ScoreFilter whose `min` comes from the scores of your own texts.
    """

    covers = ("QuratingSampleEvaluator", "QuratingFilter")
    source = "QuRating (Wettig et al. 2024)"
    example = {}
    card: ModelCard = QURATING


class DebertaQualityEvaluator(ModelScore):
    """Say how probably a text is of high, medium and low quality, each 0 to 1, by NVIDIA's classifier; the score is 1 for surely high, 0 for low.

    To filter: ScoreFilter(min=0.5) on "deberta_quality" or on a probability.
    """

    covers = ("DebertaV3SampleEvaluator", "DebertaV3Filter")
    source = "NVIDIA NeMo Curator quality-classifier-deberta"
    example = {}
    card: ModelCard = DEBERTA_QUALITY


class ToxicityEvaluator(ModelScore):
    """Say how probably a text is toxic, obscene, a threat, an insult or hate, each 0 to 1, with a local model in place of the Perspective service.

    Long texts are scored by pieces and averaged. To filter: ScoreFilter(max=0.5) on "toxicity_toxic".
    """

    covers = ("PerspectiveSampleEvaluator", "PerspectiveFilter")
    source = "Detoxify (Hanu & Unitary 2020), Jigsaw toxic comments"
    example = {}
    card: ModelCard = TOXICITY


class RewardEvaluator(ScoresByCard):
    """Rate an answer to an instruction by a reward model: an unbounded logit, higher is better. To filter: ScoreFilter with `min` and no `max`."""

    covers = ("RMSampleEvaluator", "RMFilter")
    source = "OpenAssistant reward-model-deberta-v3-large-v2"

    input_instruction = Input(str)
    input_output = Input(str)
    card: ModelCard = REWARD

    def evaluate_batch(self, instruction: pa.Array, output: pa.Array) -> dict[str, pa.Array]:
        return self.scores(instruction.to_pylist(), output.to_pylist())
