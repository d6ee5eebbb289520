"""What is asked about passages that were found."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate


class FromPassagesPrompt(PromptTemplate[str]):
    system = (
        "You answer questions from the passages that you are given, and from nothing else. Answer in the language of the question, as briefly as it "
        "allows. Where the passages do not hold the answer, say: The passages do not say."
    )
    user = "{% for passage in passages %}[{{ loop.index }}] {{ (passage.text or '') | shorten(2000) }}\n\n{% endfor %}Question: {{ question }}"


class Order(BaseModel):
    order: list[int] = Field(description="numbers of passages, the most useful first")


class RerankPrompt(PromptTemplate[Order]):
    system = "You put passages in the order in which they help to answer a question, the most useful first. Leave out those that do not help."
    user = "{% for passage in passages %}[{{ loop.index }}] {{ (passage.text or '') | shorten(800) }}\n\n{% endfor %}Question: {{ question }}"
