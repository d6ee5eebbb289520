"""The cards of the published models that rate texts."""

from __future__ import annotations

from typing import Final

from operators.bases.models.card import ModelCard

FINEWEB_EDU: Final = ModelCard(
    name="fineweb_edu",
    weights="HuggingFaceTB/fineweb-edu-classifier",
    scale="about 0 (nothing to learn) to 5 (excellent for school), not clamped; FineWeb-Edu keeps 3 and above",
    licence="Apache-2.0",
)
PAIR_QUAL_EN: Final = ModelCard(
    name="pair_qual",
    weights="zks2856/PairQual-Scorer-en",
    scale="unbounded, higher is better; the reference pipelines keep 2 and above",
    head="regression",
    encoder="bert",
    pooling="pooler",
)
PAIR_QUAL_ZH: Final = PAIR_QUAL_EN.model_copy(update={"weights": "zks2856/PairQual-Scorer-zh"})
QURATING: Final = ModelCard(
    name="qurating",
    weights="princeton-nlp/QuRater-1.3B",
    scale="logits of pairwise preference, about -10 to 10 with 0 near the average; compare rows with each other rather than with 0",
    labels=("writing_style", "required_expertise", "facts_and_trivia", "educational_value"),
    chunked=True,
)
DEBERTA_QUALITY: Final = ModelCard(
    name="deberta_quality",
    weights="nvidia/quality-classifier-deberta",
    scale="probabilities of three classes, 0 to 1; the score is their mean with High 1, Medium 0.5, Low 0",
    labels=("high", "medium", "low"),
    values=(1.0, 0.5, 0.0),
    activation="softmax",
    head="fc",
    encoder="model",
    max_length=1024,
    licence="Apache-2.0",
)
TOXICITY: Final = ModelCard(
    name="toxicity",
    weights="unitary/toxic-bert",
    scale="probabilities, 0 to 1; the labels do not exclude each other",
    labels=("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"),
    activation="sigmoid",
    chunked=True,
    licence="Apache-2.0",
)
REWARD: Final = ModelCard(
    name="reward",
    weights="OpenAssistant/reward-model-deberta-v3-large-v2",
    scale="unbounded logit, about -8 to 8, higher is better: give ScoreFilter a min and no max",
    licence="MIT",
)
