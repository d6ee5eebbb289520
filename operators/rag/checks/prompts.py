"""What models are asked when questions are tested. Read like prose."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate


class ShortAnswer(BaseModel):
    answer: str = Field(max_length=200, description="the answer alone: a name, a number or a few words")


class AnswerPrompt(PromptTemplate[ShortAnswer]):
    """The same question with none, some or all of its documents: what differs is what the model is given, not how it is asked."""

    system = (
        "You answer questions as shortly as possible{% if documents %}, by the documents that you are given{% endif %}. Where a question asks "
        'for several things, you give all of them, with "; " between them. Where you are not sure, you give your best guess.'
    )
    user = (
        "{% for document in documents %}Document {{ loop.index }}:\n{{ document | shorten(characters) }}\n\n{% endfor %}"
        "Question: {{ question }}\nAnswer:"
    )


class Agreement(BaseModel):
    reason: str = Field(max_length=200, description="one short sentence")
    same: bool


class AgreementPrompt(PromptTemplate[Agreement]):
    system = (
        "You mark answers. An answer is right where it says the same as the right answer, in whatever words; more detail that does not contradict is "
        "no fault. One that is wider, narrower, or only similar is wrong."
    )
    user = 'Question: {{ question }}\nRight answer: {{ golds | join(" / ") }}\nAnswer to mark: {{ said }}\n\nDoes it say the same?'
