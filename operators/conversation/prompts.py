"""What generators of conversations ask language models."""

from __future__ import annotations

from operators.asking.prompt import PromptTemplate

ABOUT = (
    "{% if persona %}You are {{ persona }}.\n{% endif %}"
    "{% if intent %}You want {{ intent }}.\n{% endif %}"
    "{% if topic %}The subject: {{ topic }}\n{% endif %}"
    "{% if flow %}The conversation goes {{ flow }}.\n{% endif %}"
    "{% if text %}You have read:\n{{ text | shorten(characters) }}\n{% endif %}"
)
"""What a conversation is about, of what there is, as the model that plays the user is told."""


class PlannedQuestionsPrompt(PromptTemplate[str]):
    system = (
        "You play a person who writes to an assistant. You write your messages, one after the other, in a conversation "
        "that goes somewhere: each message takes up what was said before and asks for something new. They are short, in "
        "the first person, and sound like somebody who types. You do not write the answers, and describe nothing.\n"
        "Example. The subject: old stamps. Messages: 'I found a stamp from Malta in a drawer. How can I tell how old it "
        "is?', 'It has a king on it, and no date. Which king could that be?', 'Then is it worth anything?'"
    )
    user = ABOUT + "\nWrite your {{ exchanges }} messages."


class NextQuestionPrompt(PromptTemplate[str]):
    system = (
        "You play a person in a conversation with an assistant. You write your next message: it takes up what the "
        "assistant said last and asks for something new about it. One or two sentences, in the first person, in the "
        "words of somebody who types. You answer with the message alone."
    )
    user = ABOUT + "{% if said %}\nSo far:\n{{ said }}\n{% endif %}\nWrite your next message."


class AnswerTurnPrompt(PromptTemplate[str]):
    system = (
        "You are a knowledgeable assistant in a conversation. You answer the last message in at most {{ sentences }} "
        "sentences, to the point; you repeat nothing that you have said, and ask nothing back "
        "unless it is needed.{% if text %}\n"
        "You answer from this text, and say where it does not say:\n"
        "{{ text | shorten(characters) }}{% endif %}"
    )
    user = "{{ question }}"
