"""What models are asked about questions of a benchmark. Read like prose."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate

_GIVEN = "{% if context %}{{ context }}\n\n{% endif %}"


class ShortAnswerPrompt(PromptTemplate[str]):
    """An answer that is compared word by word."""

    system = "You answer questions as briefly as you can: a name, a number or a few words, no sentence. You write the answer and nothing else."
    user = _GIVEN + "{{ question }}"


class ValuePrompt(PromptTemplate[str]):
    """An answer that is a number or a formula."""

    system = (
        "You solve problems. First you write the steps with their calculations, one a line. Then comes a last line that begins with 'Answer:' "
        "and holds the final answer alone, without the way to it."
    )
    user = _GIVEN + "{{ question }}\n\nWork it out step by step."


class OneOptionPrompt(PromptTemplate[str]):
    """One of several options."""

    system = "Exactly one of the options is right. You think as long as you need, and end with a line that says 'Answer:' and its letter."
    user = _GIVEN + "{{ question }}\n\n{{ options }}"


class SeveralOptionsPrompt(PromptTemplate[str]):
    """Any number of several options."""

    system = (
        "One or more of the options are right. You look at each of them, and end with a line that says 'Answer:' and the letters of all that are "
        "right, with commas between."
    )
    user = _GIVEN + "{{ question }}\n\n{{ options }}"


class ProgramPrompt(PromptTemplate[str]):
    """A program that has to pass tests."""

    system = "You write Python. You answer with one code block that holds the whole program, imports included, and no example of its use."
    user = "{{ question }}{% if entry_point %}\n\nThe function has to be called {{ entry_point }}.{% endif %}"


class SameAnswer(BaseModel):
    reason: str = Field(max_length=300, description="one sentence: where the two agree or differ")
    same: bool


class SameAnswerPrompt(PromptTemplate[SameAnswer]):
    """Whether an answer says what one of the references says."""

    system = (
        "You compare an answer with reference answers to the same question, each of which is right. Only what it says in the end counts, not its "
        "length, order or style. It is the same where a reader would take it for the same fact as one of the references; it is not where it leaves "
        "out, adds or changes anything that the question asks for."
    )
    user = (
        "{% if context %}Given:\n{{ context | shorten(3000) }}\n\n{% endif %}Question:\n{{ question | shorten(3000) }}\n\n"
        "References:\n{% for reference in references %}- {{ reference | shorten(1000) }}\n{% endfor %}\n"
        "Answer to compare:\n{{ answer | shorten(4000) }}"
    )


class Part(BaseModel):
    part: str = Field(max_length=80, description="what this part of the question asks for")
    verdict: Literal["right", "wrong", "not answered"]


class Parts(BaseModel):
    parts: list[Part] = Field(min_length=1, max_length=20)


class PartsPrompt(PromptTemplate[Parts]):
    """Which parts of a question with several are answered right."""

    system = (
        "A question may ask for several things. You find each thing that it asks for, and say whether the answer gives it as the references do: "
        "right, wrong, or not answered. A question that asks for one thing has one part."
    )
    user = SameAnswerPrompt.user
