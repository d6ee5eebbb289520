"""A model card: which weights a score comes from, how its numbers are read, and on which scale they are."""

from __future__ import annotations

from typing import Literal

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
