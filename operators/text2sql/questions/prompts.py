"""What is asked of a model about questions. Read like prose."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate

Style: TypeAlias = Literal["formal", "colloquial", "imperative", "interrogative", "descriptive", "concise", "vague", "metaphorical"]

STYLES: Final[dict[Style, str]] = {
    "formal": "in the words of a report: whole sentences, no contractions",
    "colloquial": "as one colleague says it to another",
    "imperative": "as an order that begins with a verb, such as List, Find or Show",
    "interrogative": "as a question that begins with a question word and ends with a question mark",
    "descriptive": "with a few words on what the answer is wanted for, without adding a condition",
    "concise": "in as few words as are clear",
    "vague": "with a word whose exact meaning only the evidence tells, such as 'recent' or 'large'",
    "metaphorical": "with a figure of speech, whose meaning only the evidence tells",
}
NEED_EVIDENCE: Final = ("vague", "metaphorical")
"""Styles that leave something unsaid, which the evidence has to say."""


class WrittenQuestion(BaseModel):
    explanation: str = Field(max_length=500, description="what the query finds out, step by step")
    question: str = Field(min_length=8, max_length=400, description="the question, without names of tables and columns as SQL writes them")
    evidence: str = Field(max_length=300, description="what one has to know beside the question to answer it; empty where nothing is")


class QuestionPrompt(PromptTemplate[WrittenQuestion]):
    """The question that a query answers. `style` is a sentence; `rendering` the query in plain English."""

    system = (
        "You are shown a database and a query, and write the question that somebody who does not know SQL would ask to get exactly the answer of "
        "this query. The question says everything that matters: what is shown, every condition with its value, the order and how many, and nothing "
        "that the query does not do."
    )
    user = (
        "{{ schema }}\n\nThe query:\n```sql\n{{ sql }}\n```\n\nIn plain words: {{ rendering }}\n\n"
        "Write the question {{ style }}."
        "{% if needs_evidence %} Put what the unsaid word means into the evidence, with the values of the query.{% endif %}"
    )


class Rephrased(BaseModel):
    question: str = Field(min_length=8, max_length=500, description="the same question in other words")


class RephrasePrompt(PromptTemplate[Rephrased]):
    """A stiff question, said as people say it. `style` is a sentence."""

    system = (
        "You rewrite a stiff question about data so that it sounds like a person. It has to mean exactly the same: keep every number, every text in "
        "quotes, every condition, what is shown, the order, and all names of things. Add nothing and leave nothing out."
    )
    user = "Question: {{ question }}\n\nWrite it {{ style }}."
