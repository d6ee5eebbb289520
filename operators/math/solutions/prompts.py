"""What models are asked about solutions. Read like prose."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate


class SolutionPrompt(PromptTemplate[str]):
    """A step by step solution of a problem of mathematics. `gold` is null where the answer is not to be shown."""

    system = (
        "You solve problems of mathematics. Work step by step: say what is given and what is asked, name the facts that you use, and write every "
        "calculation out. Check the result before you state it. End with the final answer in \\boxed{}, in its simplest form, and write nothing "
        "after it."
    )
    user = (
        "{{ question }}"
        "{% if gold %}\n\nThe right answer is {{ gold }}. Show how it is reached. Do not say that the answer was given to you: the work has to lead "
        "there.{% endif %}"
    )


class ReasoningPrompt(PromptTemplate[str]):
    """The same for questions of any subject."""

    system = (
        "You answer questions that need thought. Reason step by step: what is known, what follows from it, and what speaks against it. Do not guess. "
        "End with a line that begins with 'Answer:' and holds the final answer alone."
    )
    user = (
        "{{ question }}"
        "{% if gold %}\n\nThe right answer is: {{ gold }}. Show the reasoning that leads there, as if it had not been given to you.{% endif %}"
    )


class SameAnswer(BaseModel):
    reason: str = Field(max_length=300, description="one sentence: where the two agree or differ")
    same: bool


class SameAnswerPrompt(PromptTemplate[SameAnswer]):
    """Whether an answer means what the reference says."""

    system = (
        "You compare an answer with the reference answer to the same question. Only the final answer counts, not its length, order of words or "
        "style. It is the same where a reader would take both for the same fact; it is not where it leaves out, adds or changes anything that the "
        "question asks for."
    )
    user = (
        "Question:\n{{ question | shorten(3000) }}\n\nReference answer:\n{{ reference | shorten(2000) }}\n\n"
        "Answer to compare:\n{{ answer | shorten(4000) }}"
    )
