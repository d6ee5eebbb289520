"""What models are asked that make or find questions and answers, and the shapes of the answers. Read like prose."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, model_validator

from operators.asking.prompt import PromptTemplate
from operators.bases.implausible_answers import as_said

LARKSPUR = (
    "The cache of Larkspur 2 holds at most 512 entries.",
    "When it is full, the entry that was used longest ago is dropped.",
    "Larkspur 2 keeps its entries in the storage engine Quill.",
    "Quill writes its pages in blocks of 16 KB.",
)
"""A text of our own, of which models are shown questions as examples."""
_HOLDS = {"question": "How many entries does the cache of Larkspur 2 hold at most?", "answer": "At most 512."}
_DROPS = {"question": "Which entry does Larkspur 2 drop when its cache is full?", "answer": "It drops the entry that was used longest ago."}
_BLOCKS = {
    "question": "Of which size are the blocks that the storage engine of Larkspur 2 writes?",
    "answer": "They are blocks of 16 KB.",
}
_STEPS = ("The storage engine of Larkspur 2 is Quill.", "Quill writes blocks of 16 KB.")


class AnsweredPair(BaseModel):
    """What any pair is that a model writes. A class of its own says the fields, in the order in which they are best thought of."""

    @model_validator(mode="after")
    def _answered(self) -> Self:
        said = self.model_dump()
        if as_said(said["answer"]) in ("", as_said(said["question"])):
            raise ValueError("the answer repeats the question, or says nothing")
        return self


class QuotedPair(AnsweredPair):
    """The quote comes first: a model that has to say from where it takes an answer invents less."""

    quote: str = Field(min_length=1, max_length=600, description="the sentence of the text that holds the answer, copied to the letter")
    question: str = Field(min_length=8, max_length=400, description="a question in full that names what it is about")
    answer: str = Field(min_length=1, max_length=600, description="its answer in full, from the sentence alone")


class QuotedPairs(BaseModel):
    pairs: list[QuotedPair] = Field(min_length=1, max_length=20)


class QuotedQuestionsPrompt(PromptTemplate[QuotedPairs]):
    """Single-hop questions."""

    system = (
        "You write questions and answers from a text, to test who knows what it says. For each you first copy the sentence of the text that holds "
        "the answer, to the letter. Then you write a question that somebody understands who has never seen the text: it names the thing, product, "
        "person or place that it is about, and never says text, passage, document, above or below. The answer says what the sentence says, "
        "and nothing else; it does not stand in the question. Write in the language of the text."
    )
    user = (
        "{% if title %}From: {{ title }}\n\n{% endif %}Text:\n{{ text | shorten(characters) }}\n\n"
        "Write {{ pairs }} {% if pairs == 1 %}question with its answer{% else %}questions about different facts, with their answers{% endif %}."
    )
    examples = (
        (
            {"title": "", "text": " ".join(LARKSPUR), "pairs": 2},
            {"pairs": [{"quote": LARKSPUR[0], **_HOLDS}, {"quote": LARKSPUR[1], **_DROPS}]},
        ),
    )


class NumberedPair(AnsweredPair):
    """The sentence that holds the answer by its number: small models copy badly, and point well."""

    sentence: int = Field(ge=1, description="number of the sentence that holds the answer")
    question: str = Field(min_length=8, max_length=400, description="a question in full that names what it is about")
    answer: str = Field(min_length=1, max_length=600, description="its answer in full, from that sentence alone")


class NumberedPairs(BaseModel):
    pairs: list[NumberedPair] = Field(min_length=1, max_length=20)


class NumberedQuestionsPrompt(PromptTemplate[NumberedPairs]):
    """Single-hop questions, over numbered sentences."""

    system = (
        "You write questions and answers from numbered sentences, to test who knows what they say. For each you choose the sentence that holds "
        "the answer and give its number. The question can be understood by somebody who has never seen the sentences: it names the thing, product, "
        "person or place that it is about, and never says sentence, text, above or below. The answer says what that sentence says, and nothing "
        "else; it does not stand in the question. Write in the language of the sentences."
    )
    user = (
        "{% if title %}From: {{ title }}\n\n{% endif %}{% for sentence in sentences %}[{{ loop.index }}] {{ sentence }}\n{% endfor %}\n"
        "Write {{ pairs }} {% if pairs == 1 %}question with its answer{% else %}questions about different facts, with their answers{% endif %}."
    )
    examples = (
        (
            {"title": "", "sentences": LARKSPUR, "pairs": 2},
            {"pairs": [{"sentence": 1, **_HOLDS}, {"sentence": 2, **_DROPS}]},
        ),
    )


class Hop(BaseModel):
    """One step to an answer, and the words of the text that prove it."""

    quote: str = Field(min_length=1, max_length=600, description="a sentence of the text, copied to the letter")
    step: str = Field(min_length=1, max_length=400, description="what follows from it, in one sentence")


class MultiHopPair(AnsweredPair):
    hops: list[Hop] = Field(min_length=2, max_length=5, description="the steps to the answer, each from another sentence")
    question: str = Field(min_length=8, max_length=400, description="a question in full that can only be answered with all these sentences together")
    answer: str = Field(min_length=1, max_length=600, description="its answer in full")

    @model_validator(mode="after")
    def _different(self) -> Self:
        if len({hop.quote for hop in self.hops}) < 2:
            raise ValueError("all steps quote the same sentence; two different ones are needed")
        return self


class MultiHopPairs(BaseModel):
    pairs: list[MultiHopPair] = Field(min_length=1, max_length=20)


class MultiHopQuestionsPrompt(PromptTemplate[MultiHopPairs]):
    """Questions that need several sentences, of one text or of several."""

    system = (
        "You write questions that need several facts to be answered. You choose facts that hang together: one says what another one is about. "
        "You first copy the sentences that state them, to the letter, each with what follows from it. Then you write one question whose answer is "
        "found only by whoever knows all of them. The question names what it begins with, leaves out what has to be found on the way, and never "
        "says text, passage, document, above or below. Write in the language of the text."
    )
    user = (
        "{% if title %}From: {{ title }}\n\n{% endif %}{% for text in texts %}{% if texts | length > 1 %}Text {{ loop.index }}:\n{% else %}Text:\n"
        "{% endif %}{{ text | shorten(characters) }}\n\n{% endfor %}"
        "Write {{ pairs }} such {% if pairs == 1 %}question with its answer{% else %}questions with their answers{% endif %}."
    )
    examples = (
        (
            {"title": "", "texts": [" ".join(LARKSPUR)], "pairs": 1},
            {"pairs": [{"hops": [{"quote": LARKSPUR[2], "step": _STEPS[0]}, {"quote": LARKSPUR[3], "step": _STEPS[1]}], **_BLOCKS}]},
        ),
    )


class NumberedHop(BaseModel):
    sentence: int = Field(ge=1, description="number of a sentence")
    step: str = Field(min_length=1, max_length=300, description="what follows from it, in one sentence")


class NumberedMultiHopPair(AnsweredPair):
    hops: list[NumberedHop] = Field(min_length=2, max_length=4, description="the steps to the answer, each from another sentence")
    question: str = Field(min_length=8, max_length=400, description="a question in full that can only be answered with all these sentences together")
    answer: str = Field(min_length=1, max_length=600, description="its answer in full")


class NumberedMultiHopPairs(BaseModel):
    pairs: list[NumberedMultiHopPair] = Field(min_length=1, max_length=20)


class NumberedMultiHopPrompt(PromptTemplate[NumberedMultiHopPairs]):
    """Questions that need several of the numbered sentences."""

    system = (
        "You write questions that need several facts to be answered. You choose two sentences that hang together: one says what the other one is "
        "about. You give their numbers, each with what follows from it. Then you write one question whose answer is found only by whoever knows "
        "both. The question names what it begins with, leaves out what has to be found on the way, and never says sentence, text, above or below. "
        "Write in the language of the sentences."
    )
    user = (
        "{% if title %}From: {{ title }}\n\n{% endif %}{% for sentence in sentences %}[{{ loop.index }}] {{ sentence }}\n{% endfor %}\n"
        "Write {{ pairs }} such {% if pairs == 1 %}question with its answer{% else %}questions with their answers{% endif %}."
    )
    examples = (
        (
            {"title": "", "sentences": LARKSPUR, "pairs": 1},
            {
                "pairs": [
                    {"hops": [{"sentence": 3, "step": _STEPS[0]}, {"sentence": 4, "step": _STEPS[1]}], **_BLOCKS},
                ]
            },
        ),
    )


class HeldPair(BaseModel):
    """A question that stands in a text, with its answer where that stands there too."""

    question: str = Field(min_length=3, max_length=4000, description="the question, copied to the letter")
    answer: str = Field(max_length=4000, description="its answer, copied to the letter; empty where the text has none")


class HeldPairs(BaseModel):
    pairs: list[HeldPair] = Field(max_length=40)


class HeldQuestionsPrompt(PromptTemplate[HeldPairs]):
    """Questions and answers that stand in a text already."""

    system = (
        "You find the questions in a text, and the answers that the text gives to them: interviews, lists of frequent questions, quizzes, exercises. "
        "You copy both to the letter. A heading that is answered by what follows it is a question too. You write nothing yourself, and answer with "
        "an empty list where there is none."
    )
    user = "Text:\n{{ text | shorten(characters) }}"


class BookQuestion(BaseModel):
    """One exercise of a book of mathematics."""

    label: str = Field(max_length=40, description="its number or letter as printed, such as 3.12; empty where it has none")
    question: str = Field(min_length=3, max_length=4000, description="the whole exercise with its parts, formulas and figures, copied to the letter")
    answer: str = Field(max_length=4000, description="its answer or solution, copied to the letter; empty where the pages have none")


class BookQuestions(BaseModel):
    pairs: list[BookQuestion] = Field(max_length=60)


class BookQuestionsPrompt(PromptTemplate[BookQuestions]):
    """Exercises of a page of a book, completed from the page that follows."""

    system = (
        "You find the exercises on a page of a book: problems that the reader is to solve. You copy each to the letter, with its number, its "
        "formulas and the references to its figures. Worked examples are exercises with their solution. An exercise that goes on overleaf is "
        "completed from the next page; one that begins there is left out. You answer with an empty list where there is none."
    )
    user = "Page:\n{{ text | shorten(characters) }}{% if following %}\n\nNext page:\n{{ following | shorten(characters) }}{% endif %}"


class PathQuestion(BaseModel):
    question: str = Field(min_length=8, max_length=400, description="one question in full")


class PathQuestionPrompt(PromptTemplate[PathQuestion]):
    """A question along facts that are known to hang together; its answer is given."""

    system = (
        "You write one question from facts that hang together. Whoever answers it has to go from fact to fact. The question names {{ first }}, "
        "asks for {{ last }} without saying it, and does not say {{ hidden }}, which has to be found on the way. It never says fact, text or above."
    )
    user = "{% for quote in quotes %}Fact {{ loop.index }}: {{ quote }}\n{% endfor %}\nThe answer is: {{ last }}\nWrite the question."


class PairQualityPrompt(PromptTemplate[str]):
    """All dimensions of a pair with one question; the shape of the answer follows from the dimensions."""

    system = (
        "You judge questions and answers that were made from a text, before a model is trained on them. You rate each dimension alone, from 1 (bad) "
        "to 5 (very good), by what stands there and not by how long it is.\n\nDimensions:\n{{ rubric }}"
    )
    user = (
        "Question:\n{{ question | shorten(2000) }}\n\nAnswer:\n{{ answer | shorten(4000) }}"
        "{% if evidence %}\n\nThe answer was taken from:\n{{ evidence | shorten(4000) }}{% endif %}"
    )


class ClosedBookPrompt(PromptTemplate[str]):
    """A question alone, without the text that answers it."""

    system = "You answer questions in one sentence."
    user = "{{ question }}"
