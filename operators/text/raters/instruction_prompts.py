"""What raters of texts and instructions ask language models, and the shapes of the answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, field_validator

from operators.asking.prompt import PromptTemplate
from operators.bases.ratings import Rating


class AnswerRating(Rating):
    reason: str = Field(max_length=160, description="one short sentence")
    score: float = Field(ge=0, le=5)


class AlpagasusPrompt(PromptTemplate[AnswerRating]):
    system = "You judge how an assistant answered an instruction. Rate the {{ dimension }} of the answer from 0 (useless) to 5 (could not be better)."
    user = (
        "Instruction:\n{{ instruction | shorten(characters) }}\n"
        "{% if input %}\nInput:\n{{ input | shorten(characters) }}\n{% endif %}"
        "\nAnswer:\n{{ output | shorten(characters) }}\n\nRate the {{ dimension }} of the answer. Give the reason first."
    )


class SemanticTree(BaseModel):
    nodes: list[str] = Field(max_length=60, description="the words that carry the meaning of the instruction, one node each, from the root down")


class TreeInstructPrompt(PromptTemplate[SemanticTree]):
    system = (
        "You turn an instruction into a semantic tree. The root is the action that is asked for; below it stand its objects, and below these "
        "what limits or describes them."
    )
    user = "Instruction:\n{{ instruction | shorten(characters) }}"


class IntentionTag(BaseModel):
    tag: str = Field(max_length=40, description="one to three words")
    explanation: str = Field(max_length=120, description="one sentence")


class IntentionTags(BaseModel):
    tags: list[IntentionTag] = Field(min_length=1, max_length=12)


class InstagPrompt(PromptTemplate[IntentionTags]):
    system = "You tag what the user of an assistant intends: a tag for each task, topic or demand in the instruction, and none that is not in it."
    user = "Instruction:\n{{ instruction | shorten(characters) }}"


class LanguageAnswer(BaseModel):
    reason: str = Field("", max_length=80, description="a few words")
    language: str = Field(pattern="^([a-z]{2,3}|und)$", description="ISO 639-1 code in lower case; und where it cannot be told")

    @field_validator("language", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        """Servers that cannot constrain decoding may answer "EN" or "en " and mean en."""
        return value.strip().lower() if isinstance(value, str) else value


class LanguagePrompt(PromptTemplate[LanguageAnswer]):
    system = (
        "You say which language most of a text is in, as its ISO 639-1 code in lower case: en for English, zh for Chinese, de for German, "
        "und where it cannot be told."
    )
    user = "Text:\n{{ text | shorten(characters) }}"
