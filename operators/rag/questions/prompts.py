"""What models are asked when questions are made. Read like prose."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate

_NOTES = "The notes on the Analytical Engine were written by Ada Lovelace."
_BORN = "Ada Lovelace was born in London in 1815."
_PARENTS = "Her father was Lord Byron, whom she never knew; her mother had her taught mathematics."
_LIFE, _LIFE_SENTENCES = f"{_BORN} {_PARENTS}", [_BORN, _PARENTS]
_PRINTED = "They were printed in 1843, and describe how the machine would compute the numbers of Bernoulli."
_ENGINE = f"{_NOTES} {_PRINTED}"
_WHO_WROTE = "Who wrote the notes on the Analytical Engine?"
"""Of what models are shown as examples."""

_SENTENCES = "{% for sentence in sentences %}[{{ loop.index }}] {{ sentence }}\n{% endfor %}\n"
_GOOD = (
    "A good question asks for one thing, names what it asks about in full, and can be understood by somebody who has not seen any text: it does not "
    'say "the text", "this document" or "it".'
)


class AtomicQuestion(BaseModel):
    quote: str = Field(min_length=12, max_length=300, description="one sentence of the text, copied word for word")
    topic: str = Field(min_length=2, max_length=80, description="the name of the thing that the sentence is about")
    answer: str = Field(min_length=1, max_length=80, description="a name, a number or a few words, copied from the quote")
    question: str = Field(min_length=10, max_length=300, description="names the topic, and asks for the answer without saying it")


class AtomicQuestions(BaseModel):
    pairs: list[AtomicQuestion] = Field(min_length=1, max_length=20)


class AtomicQuestionsPrompt(PromptTemplate[AtomicQuestions]):
    system = (
        "You write questions that test whether somebody found a fact in a text. First you copy the sentence that says the fact, then you name what "
        f"it is about, then the answer, which is a few words of that sentence, and then you ask for it. {_GOOD}"
    )
    user = "Text:\n{{ text | shorten(characters) }}\n\nWrite up to {{ pairs }} such questions about the most particular facts of this text."
    examples = (
        (
            {"text": _ENGINE, "pairs": 2},
            {
                "pairs": [
                    {"quote": _NOTES, "topic": "notes on the Analytical Engine", "answer": "Ada Lovelace", "question": _WHO_WROTE},
                    {
                        "quote": _PRINTED,
                        "topic": "notes on the Analytical Engine",
                        "answer": "1843",
                        "question": "In which year were the notes on the Analytical Engine printed?",
                    },
                ]
            },
        ),
    )


class NumberedAtomicQuestion(BaseModel):
    sentence: int = Field(ge=1, description="number of the sentence that says the fact")
    topic: str = Field(min_length=2, max_length=80, description="the name of the thing that the sentence is about")
    answer: str = Field(min_length=1, max_length=80, description="a name, a number or a few words, copied from that sentence")
    question: str = Field(min_length=10, max_length=300, description="names the topic, and asks for the answer without saying it")


class NumberedAtomicQuestions(BaseModel):
    pairs: list[NumberedAtomicQuestion] = Field(min_length=1, max_length=20)


class NumberedAtomicQuestionsPrompt(PromptTemplate[NumberedAtomicQuestions]):
    system = (
        "You write questions that test whether somebody found a fact among numbered sentences. First you choose the sentence that says the fact and "
        "give its number, then you name what it is about, then the answer, which is a few words of that sentence, and then you ask for it. "
        f"{_GOOD}"
    )
    user = f"{_SENTENCES}Write up to {{{{ pairs }}}} such questions about the most particular facts of these sentences."
    examples = (
        (
            {"sentences": [_NOTES, _PRINTED], "pairs": 2},
            {
                "pairs": [
                    {"sentence": 1, "topic": "notes on the Analytical Engine", "answer": "Ada Lovelace", "question": _WHO_WROTE},
                    {
                        "sentence": 2,
                        "topic": "notes on the Analytical Engine",
                        "answer": "1843",
                        "question": "In which year were the notes on the Analytical Engine printed?",
                    },
                ]
            },
        ),
    )


class ListQuestion(BaseModel):
    quote: str = Field(min_length=12, max_length=400, description="the words of the text that name all of them, copied")
    topic: str = Field(min_length=2, max_length=80, description="what they have in common")
    answers: list[str] = Field(min_length=2, max_length=12, description="the names, copied from the quote")
    question: str = Field(min_length=10, max_length=300, description='"Which ... ?", answered by exactly these names')


class ListQuestionPrompt(PromptTemplate[ListQuestion]):
    system = (
        "You look in a text for several things that are said to have something in common (packages, people, formats, options), copy the words that "
        f"name them, and ask which they are. {_GOOD}"
    )
    user = "Text:\n{{ text | shorten(characters) }}\n\nWrite one question that is answered by several names of this text."


class NumberedListQuestion(BaseModel):
    sentence: int = Field(ge=1, description="number of the sentence that names all of them")
    topic: str = Field(min_length=2, max_length=80, description="what they have in common")
    answers: list[str] = Field(min_length=2, max_length=12, description="the names, copied from that sentence")
    question: str = Field(min_length=10, max_length=300, description='"Which ... ?", answered by exactly these names')


class NumberedListQuestionPrompt(PromptTemplate[NumberedListQuestion]):
    system = (
        "You look for a sentence, among numbered ones, that names several things with something in common (packages, people, formats, options), give "
        f"its number, copy the names, and ask which they are. {_GOOD}"
    )
    user = f"{_SENTENCES}Write one question that is answered by several names of one sentence."


class NextQuestion(BaseModel):
    quote: str = Field(min_length=12, max_length=300, description="one sentence of the text, copied word for word")
    answer: str = Field(min_length=1, max_length=80, description="a name, a number or a few words, copied from the quote")
    question: str = Field(min_length=10, max_length=300, description="names the given thing, and asks for the answer without saying it")


class NextQuestionPrompt(PromptTemplate[NextQuestion]):
    system = f"You write a question about one given thing, which a text answers. First you copy the sentence that says it. {_GOOD}"
    user = (
        'Text:\n{{ passage | shorten(characters) }}\n\nThe thing: "{{ bridge }}"\n\nWrite a question about "{{ bridge }}" that this text answers. '
        'The question has the words "{{ bridge }}" in it; the answer is something else.'
    )
    examples = (
        (
            {"passage": _LIFE, "bridge": "Ada Lovelace"},
            {"quote": _BORN, "answer": "London", "question": "In which city was Ada Lovelace born?"},
        ),
    )


class NumberedNextQuestion(BaseModel):
    sentence: int = Field(ge=1, description="number of the sentence that says it")
    answer: str = Field(min_length=1, max_length=80, description="a name, a number or a few words, copied from that sentence")
    question: str = Field(min_length=10, max_length=300, description="names the given thing, and asks for the answer without saying it")


class NumberedNextQuestionPrompt(PromptTemplate[NumberedNextQuestion]):
    system = f"You write a question about one given thing, which one of some numbered sentences answers. First you give the number. {_GOOD}"
    user = (
        f'{_SENTENCES}The thing: "{{{{ bridge }}}}"\n\nWrite a question about "{{{{ bridge }}}}" that one of these sentences answers. '
        'The question has the words "{{ bridge }}" in it; the answer is something else.'
    )
    examples = (
        (
            {"sentences": _LIFE_SENTENCES, "bridge": "Ada Lovelace"},
            {"sentence": 1, "answer": "London", "question": "In which city was Ada Lovelace born?"},
        ),
    )


class NamingQuestion(BaseModel):
    quote: str = Field(min_length=12, max_length=300, description="one sentence of the text that names the given thing, copied word for word")
    topic: str = Field(min_length=2, max_length=80, description="another name in that sentence, which the question uses")
    question: str = Field(min_length=10, max_length=300, description="names the topic; its only answer is the given thing, which it does not name")


class NamingQuestionPrompt(PromptTemplate[NamingQuestion]):
    system = (
        "You write a question whose answer is one given thing, by what a text says of it. First you copy the sentence that names it; then you choose "
        f"another name in that sentence; then you ask, by that name, for the given thing. {_GOOD}"
    )
    user = (
        'Text:\n{{ passage | shorten(characters) }}\n\nThe answer: "{{ bridge }}"\n\nWrite a question that is answered by "{{ bridge }}" and by '
        'nothing else. It does not have the words "{{ bridge }}" in it.'
    )
    examples = (
        (
            {"passage": _ENGINE, "bridge": "Ada Lovelace"},
            {"quote": _NOTES, "topic": "notes on the Analytical Engine", "question": _WHO_WROTE},
        ),
    )


class NumberedNamingQuestion(BaseModel):
    sentence: int = Field(ge=1, description="number of a sentence that names the given thing")
    topic: str = Field(min_length=2, max_length=80, description="another name in that sentence, which the question uses")
    question: str = Field(min_length=10, max_length=300, description="names the topic; its only answer is the given thing, which it does not name")


class NumberedNamingQuestionPrompt(PromptTemplate[NumberedNamingQuestion]):
    system = (
        "You write a question whose answer is one given thing, by what one of some numbered sentences says of it. First you give the number of the "
        f"sentence that names it; then you choose another name in that sentence; then you ask, by that name, for the given thing. {_GOOD}"
    )
    user = (
        f'{_SENTENCES}The answer: "{{{{ bridge }}}}"\n\nWrite a question that is answered by "{{{{ bridge }}}}" and by '
        'nothing else. It does not have the words "{{ bridge }}" in it.'
    )
    examples = (
        (
            {"sentences": [_NOTES, _PRINTED], "bridge": "Ada Lovelace"},
            {"sentence": 1, "topic": "notes on the Analytical Engine", "question": _WHO_WROTE},
        ),
    )


class WrittenQuestion(BaseModel):
    question: str = Field(min_length=10, max_length=500, description="one question in full")


class ComposePrompt(PromptTemplate[WrittenQuestion]):
    system = (
        "You make one question of two. The second question asks for a thing that the first question names. You write the first question again, but "
        "in place of that name you describe the thing by what the second question says of it. The new question does not have the name in it."
    )
    user = 'First: "{{ outer }}"\nSecond: "{{ inner }}"\nThe name: "{{ bridge }}"\n\nWrite the new question, without "{{ bridge }}".'
    examples = (
        (
            {"outer": "In which year was Ada Lovelace born?", "inner": _WHO_WROTE, "bridge": "Ada Lovelace"},
            {"question": "In which year was the writer of the notes on the Analytical Engine born?"},
        ),
        (
            {"outer": "Which files does the package Larkspur read?", "inner": "Which package draws the maps of the Atlas?", "bridge": "Larkspur"},
            {"question": "Which files does the package that draws the maps of the Atlas read?"},
        ),
    )


class BothPrompt(PromptTemplate[WrittenQuestion]):
    system = "You join two questions to one that asks for both things, in natural words, without answering either. Nothing that they say is lost."
    user = 'First: "{{ first }}"\nSecond: "{{ second }}"\n\nWrite the one question that asks for both.'


class ComparisonPrompt(PromptTemplate[WrittenQuestion]):
    system = "You write questions that compare two things. You name both, say no number, and do not answer."
    user = (
        'First: "{{ first }}"\nSecond: "{{ second }}"\n\nBoth have a number for an answer. Write one question that asks which of the two, '
        '"{{ first_topic }}" or "{{ second_topic }}", has the {{ "greater" if greater else "smaller" }} number.'
    )


class IntersectionPrompt(PromptTemplate[WrittenQuestion]):
    system = "You write a question for the one thing to which two descriptions apply. You do not name it."
    user = 'First: "{{ first }}"\nSecond: "{{ second }}"\n\nOne thing answers both. Write one question that asks for it by both descriptions.'


class Aliases(BaseModel):
    aliases: list[str] = Field(max_length=8, description="other ways to write exactly the same answer; none where there are none")


class AliasesPrompt(PromptTemplate[Aliases]):
    system = (
        "You list other ways in which somebody could write exactly the same answer: the full name, the usual short form, the number in words. Not "
        "what is only similar, wider or narrower. An empty list where there are none."
    )
    user = 'Question: "{{ question }}"\nAnswer: "{{ answer }}"\n\nOther ways to write this answer:'


class SameAnswer(BaseModel):
    same: bool


class SameAnswerPrompt(PromptTemplate[SameAnswer]):
    system = "You say whether two answers to a question say exactly the same. One that is wider, narrower or only similar does not."
    user = 'Question: "{{ question }}"\nOne answer: "{{ answer }}"\nOther answer: "{{ alias }}"\n\nDo they say the same?'
