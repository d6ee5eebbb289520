"""What generators of conversations ask language models."""

from __future__ import annotations

from operators.asking.prompt import PromptTemplate

ABOUT = (
    "{% if intent %}What the person wants: {{ intent }}\n{% endif %}"
    "{% if flow %}How the conversation goes: {{ flow }}\n{% endif %}"
    "{% if topic %}Topic: {{ topic }}\n{% endif %}"
    "{% if persona %}The person: {{ persona }}\n{% endif %}"
    "{% if text %}The person has read:\n{{ text | shorten(characters) }}\n{% endif %}"
)
"""What a conversation is about, of what there is."""


class PlannedQuestionsPrompt(PromptTemplate[str]):
    system = (
        "You write what a person says to an assistant, one message after the other, in a conversation that goes "
        "somewhere: each message takes up what was said before and asks for something new. The messages are short and "
        "sound like a person who types. You do not write the answers."
    )
    user = ABOUT + "\nWrite the {{ exchanges }} messages of the person."


class NextQuestionPrompt(PromptTemplate[str]):
    system = (
        "You play the person in a conversation with an assistant. You write the person's next message: it takes up "
        "what the assistant said last and asks for something new about it. One or two sentences, in the words of a "
        "person who types. You answer with the message alone."
    )
    user = ABOUT + "{% if said %}\nSo far:\n{{ said }}\n{% endif %}\nWrite the next message of the person."


class AnswerTurnPrompt(PromptTemplate[str]):
    system = (
        "You are a knowledgeable assistant in a conversation. You answer the last message in at most {{ sentences }} "
        "sentences, to the point, with what is new in it; you repeat nothing that you have said, and ask nothing back "
        "unless it is needed.{% if text %}\n"
        "You answer from this text, and say where it does not say:\n"
        "{{ text | shorten(characters) }}{% endif %}"
    )
    user = "{{ question }}"
