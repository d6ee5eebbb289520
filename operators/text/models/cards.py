"""Model cards: which weights a score comes from, how its numbers are read, and on which scale they are."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field


class ModelCard(BaseModel):
    """A model that gives numbers to texts. Its outputs are one column for each label, and "score" where `values` weigh the labels.

    With one label there is one column, named after the card.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="Column of the score; with several labels, what the columns begin with.")
    weights: str = Field(description="Folder, or repository on the Hugging Face hub.")
    scale: str = Field(description="What the numbers mean.")
    labels: tuple[str, ...] = Field(("score",), min_length=1, description="What the model's numbers stand for, in their order.")
    values: tuple[float, ...] = Field((), description="Of each label; the score is then their mean, weighted by probability.")
    activation: Literal["none", "sigmoid", "softmax"] = "none"
    head: str = Field("", description="Prefix of a head of its own in the weights; empty for a sequence classification model of transformers.")
    encoder: str = Field("", description="Prefix of the encoder in the weights, where there is a head of its own.")
    pooling: Literal["pooler", "first_token"] = "first_token"
    max_length: int = Field(512, ge=8, description="Tokens that the model sees at once.")
    chunked: bool = Field(False, description="Longer texts are cut in pieces, whose scores are averaged by their tokens; else cut off.")
    licence: str = ""


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
