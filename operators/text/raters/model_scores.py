"""Numbers of texts from published classifiers: educational value, quality, toxicity, reward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pyarrow as pa

from operators.bases.models.card import ModelCard
from operators.bases.models.score import ScoresByCard
from operators.tables.columns import Input
from operators.text.raters.cards import DEBERTA_QUALITY, FINEWEB_EDU, PAIR_QUAL_EN, QURATING, REWARD, TOXICITY


class ModelScore(ScoresByCard):
    """Score texts with any model that has a card: weights from a folder or the hub, and how its numbers are read. Follow with ScoreFilter to filter.

    The card says the outputs: one column for each label, and the score where the labels have values. Longer texts than `max_length` tokens are
    scored piece by piece where the card says `chunked`, else by their beginning, and "..._truncated" says so. Give `card` for a model of your own.
    A folder with (onnx/)model.onnx and tokenizer.json is run by onnxruntime, in the file's own precision, and torch is not needed.
    """

    asks = (
        "use my own Hugging Face classifier",
        "run an ONNX or transformers model over the corpus",
        "sentiment or topic labels from a pretrained network",
    )

    input_text = Input(str)
    card: ModelCard = FINEWEB_EDU
    example: ClassVar[Mapping[str, Any]] = {"card": TOXICITY}

    def evaluate_batch(self, text: pa.Array) -> dict[str, pa.Array]:
        return self.scores(text.to_pylist())


class FineWebEduEvaluator(ModelScore):
    """Rate what a pupil would learn from a text, about 0 to 5, by the classifier of FineWeb-Edu. To filter as they did: ScoreFilter(min=3)."""

    covers = ("FineWebEduSampleEvaluator", "FineWebEduFilter")
    source = "FineWeb-Edu (Penedo et al. 2024)"
    asks = ("educational content classifier without LLM calls", "find school-worthy web pages like FineWeb", "score pages by how didactic they are")
    example = {}
    card: ModelCard = FINEWEB_EDU


class PairQualEvaluator(ModelScore):
    """Rate the quality of English texts, unbounded and higher is better, by PairQual; for Chinese, weights="zks2856/PairQual-Scorer-zh".

    To filter as the reference does: ScoreFilter(min=2) on "pair_qual".
    """

    covers = ("PairQualSampleEvaluator", "PairQualFilter")
    source = "DataFlow (PairQual-Scorer on BGE, trained on pairwise preferences)"
    asks = ("general quality of pages in Chinese or English", "pairwise trained document quality scorer", "rank web text with a small BGE model")
    example = {}
    card: ModelCard = PAIR_QUAL_EN


class QuRatingEvaluator(ModelScore):
    """Rate writing style, required expertise, facts and educational value of a text, as logits around 0, by QuRater. Long texts by pieces.

    The logits have no absolute scale: draw rows as the paper does, TemperatureSample(share=0.3), or keep the best, TopFilter(share=0.3).
    """

    covers = ("QuratingSampleEvaluator", "QuratingFilter")
    source = "QuRating (Wettig et al. 2024)"
    asks = ("is it well written and full of facts", "Princeton's four quality criteria", "how much expertise does a document require")
    example = {}
    card: ModelCard = QURATING


class DebertaQualityEvaluator(ModelScore):
    """Say how probably a text is of high, medium and low quality, each 0 to 1, by NVIDIA's classifier; the score is 1 for surely high, 0 for low.

    To filter: ScoreFilter(min=0.5) on "deberta_quality" or on a probability.
    """

    covers = ("DebertaV3SampleEvaluator", "DebertaV3Filter")
    source = "NVIDIA NeMo Curator quality-classifier-deberta"
    asks = ("NeMo Curator quality classifier", "label documents good, average or bad", "quick quality model from NVIDIA")
    example = {}
    card: ModelCard = DEBERTA_QUALITY


class ToxicityEvaluator(ModelScore):
    """Say how probably a text is toxic, obscene, a threat, an insult or hate, each 0 to 1, with a local model in place of the Perspective service.

    Long texts are scored by pieces and averaged. To filter: ScoreFilter(max=0.5) on "toxicity_toxic".
    """

    covers = ("PerspectiveSampleEvaluator", "PerspectiveFilter")
    source = "Detoxify (Hanu & Unitary 2020), Jigsaw toxic comments"
    asks = ("score hate speech and insults", "detect offensive or abusive comments", "content moderation and safety scores")
    example = {}
    card: ModelCard = TOXICITY


class RewardEvaluator(ScoresByCard):
    """Rate an answer to an instruction by a reward model: an unbounded logit, higher is better. To filter: ScoreFilter(min=0), and no `max`.

    A pair longer than `max_length` tokens is scored by its beginning; "reward_truncated" says so.
    """

    covers = ("RMSampleEvaluator", "RMFilter")
    source = "OpenAssistant reward-model-deberta-v3-large-v2"
    asks = ("preference score for a response", "RLHF style score of chat replies", "how much would humans like this reply")

    input_instruction = Input(str)
    input_output = Input(str)
    card: ModelCard = REWARD

    def evaluate_batch(self, instruction: pa.Array, output: pa.Array) -> dict[str, pa.Array]:
        return self.scores(instruction.to_pylist(), output.to_pylist())
