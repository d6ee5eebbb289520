"""Questions and answers as plain text for pretraining."""

from __future__ import annotations

from pydantic import Field, field_validator

from operators.asking.prompt import PromptTemplate
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output


class PretrainingTextGenerator(Generate):
    """Write question and answer as one text, as the template says: by default the question, an empty line and the answer. All other columns stay.

    A row whose question or answer is null or blank gets no text. `template` is Jinja2 with the variables `question` and `answer`.
    """

    covers = ("ReasoningPretrainFormatConvertGenerator",)
    asks = ("turn SFT pairs into pretraining documents", "join problem and solution into one string", "convert QA rows to raw text")

    input_question = Input(str)
    input_answer = Input(str, "solution")
    output_text = Output(str, "text")

    template: str = Field("{{ question }}\n\n{{ answer }}", min_length=1, description="Jinja2, with question and answer.")

    @field_validator("template")
    @classmethod
    def _known_variables(cls, template: str) -> str:
        unknown = PromptTemplate[str](user=template).variables() - {"question", "answer"}
        if unknown:
            raise ValueError(f"the template has the variable {', '.join(sorted(unknown))}; there are question and answer")
        return template

    def generate(self, question: str, answer: str) -> str | None:
        if not question.strip() or not answer.strip():
            return None
        return PromptTemplate[str](user=self.template).render({"question": question.strip(), "answer": answer.strip()})[1]
