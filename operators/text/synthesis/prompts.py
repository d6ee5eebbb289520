"""What generators of questions, answers and rewritings ask language models, and the shapes of the answers."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from operators.asking.prompt import PromptTemplate
from operators.bases.implausible_answers import as_said, stops_short
from operators.bases.preferences import Preference
from operators.bases.question_answers import Questions
from operators.bases.reviews import Critique


class QuestionsPrompt(PromptTemplate[Questions]):
    system = (
        "You turn a text into a conversation of questions and answers that teaches all that the text says. Each question can be understood without "
        "the text, and each answer is complete and uses nothing but the text."
    )
    user = (
        "Text:\n{{ text | shorten(characters) }}\n\n"
        "Write {{ pairs }} {% if pairs == 1 %}question with its answer{% else %}questions with their answers{% endif %}."
    )


Difficulty = Literal["easy", "medium", "hard"]


class InstructionAndOutput(BaseModel):
    instruction: str = Field(min_length=8, description="what a user asks, understandable without the text")
    difficulty: Difficulty = Field(description="easy: common knowledge; medium: knowledge of the field; hard: an expert's reasoning")
    output: str = Field(min_length=1, description="the complete answer")

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if as_said(self.output) == as_said(self.instruction):
            raise ValueError("the output repeats the instruction")
        if stops_short(self.instruction):
            raise ValueError("the instruction stops in the middle")
        return self


class InstructionFromTextPrompt(PromptTemplate[InstructionAndOutput]):
    system = (
        "You write training data for an assistant. From a text you make one instruction that a user could give without having seen the text, and "
        "its complete, correct answer, which uses what the text says."
    )
    user = "Text:\n{{ text | shorten(characters) }}\n\nWrite one instruction and its answer.{% if requirements %} {{ requirements }}{% endif %}"


Style = Literal["encyclopedia", "simple", "dialogue", "concise"]


class RephrasePrompt(PromptTemplate[str]):
    system = "You rewrite texts. You keep every fact, add none, and answer with the new text alone."
    user = (
        "{% if style == 'encyclopedia' %}Rewrite the text in high-quality English, as in an encyclopedia."
        "{% elif style == 'simple' %}Rewrite the text with very common words and short sentences, for a child."
        "{% elif style == 'dialogue' %}Rewrite the text as a conversation of questions and answers, each line beginning with Question: or Answer:."
        "{% else %}Rewrite the text as briefly as its facts allow.{% endif %}\n\nText:\n{{ text | shorten(characters) }}"
    )


class GradedQuestions(BaseModel):
    easy: str = Field(min_length=8, description="a question in full, answered with common knowledge")
    medium: str = Field(min_length=8, description="a question in full that needs knowledge of the field")
    hard: str = Field(min_length=8, description="a question in full that needs an expert's reasoning in several steps")


class CondorQuestionsPrompt(PromptTemplate[GradedQuestions]):
    system = "You write questions that users ask an assistant. Each is complete in itself, concrete, and different from the others in what it asks."
    user = (
        "Topic: {{ topic }}\nDomain: {{ domain }}\nTheme: {{ theme }}\n{% if task_type %}Kind of task: {{ task_type }}\n{% endif %}\n"
        "Write three questions on the theme: an easy one, a medium one and a hard one."
    )


class CondorAnswerPrompt(PromptTemplate[str]):
    system = "You answer questions completely, correctly and clearly."
    user = "{{ instruction }}"


class CritiquePrompt(PromptTemplate[Critique]):
    system = "You review how an assistant answered a question: what is good, what is wrong or missing, and what to do about it."
    user = "Question:\n{{ instruction | shorten(characters) }}\n\nAnswer:\n{{ output | shorten(characters) }}"


class ImprovedAnswerPrompt(PromptTemplate[str]):
    system = "You improve an answer as a review asks. You answer with the new answer alone, without remarks on the review."
    user = (
        "Question:\n{{ instruction | shorten(characters) }}\n\nAnswer:\n{{ output | shorten(characters) }}\n\n"
        "Weaknesses: {{ weaknesses }}\nSuggestion: {{ suggestion }}\n\nWrite the improved answer."
    )


class PreferencePrompt(PromptTemplate[Preference]):
    system = "You compare two answers to a question. Which one is more correct, complete and clear?"
    user = (
        "Question:\n{{ instruction | shorten(characters) }}\n\nFirst answer:\n{{ output | shorten(characters) }}\n\n"
        "Second answer:\n{{ improved | shorten(characters) }}"
    )


class KnowledgeRow(BaseModel):
    instruction: str = Field(min_length=10, description="what is asked for, in full")
    input: str = Field(description="a text, a table or data that the instruction is about; empty where it needs none")
    output: str = Field(min_length=1, description="the answer, complete and correct")


class KnowledgeRowPrompt(PromptTemplate[KnowledgeRow]):
    """One sample for training about a theme."""

    system = (
        "You write samples that train an assistant. Each is one concrete instruction that somebody would really give, and the answer of an "
        "expert. You avoid the first idea that comes to mind, and name real things, quantities and situations instead of speaking in general."
    )
    user = (
        "Topic: {{ topic }}, {{ domain }}\nTheme: {{ theme }}\nKind of task: {{ task_type }}\nReader: {{ level }}\n\n"
        "Write one sample about this theme."
    )
