"""Marks of a prompt in an answer: the tokens of chat templates, and lines that speak for somebody else."""

from __future__ import annotations

import re

from operators.bases.plain_words import plain

_TOKENS = re.compile(
    r"<\|[a-z_]{2,40}\|>|\[/?INST\]|<</?SYS>>|</?s>(?=\s|$)|<(?:start|end)_of_turn>|<\uff5c[^\n]{1,40}\uff5c>|</?(?:think|assistant"
    r"|user|human|system)>"
    r"|^#{2,4} ?(?:Instruction|Response|Input|Output|Human|Assistant|User|System)s?\b ?:?[ \t]*$|^(?:\[|\()(?:USER|ASSISTANT"
    r"|SYSTEM)(?:\]|\))",
    re.MULTILINE,
)
_ROLE = re.compile(
    r"^[ \t*_>]{0,4}(User|Human|Assistant|AI|Bot|System|Instruction|Response|Question|Prompt|Student|Nutzer|Utilisateur|Usuario|用户|助手|人类)"
    r"[ \t*_]{0,3}[:：][ \t*_]*\S",
    re.MULTILINE,
)
_DIALOGUE = re.compile(
    r"\b(?:dialogues?|dialogs?|conversations?|chat|script|interview|screenplay|scene|transcripts?|role-?play|q&a|faq|skit|play"
    r"|messages?)\b|对话|会話|gespräch|diálogo"
)


_ASSISTANTS = frozenset(("Assistant", "AI", "Bot", "助手"))


def role_mark_in(answer: str, question: str = "", of_user: bool = False, given: str = "") -> str | None:
    """What an answer holds of the conversation around it ('speaks for "User"'); None where nothing.

    A line that begins with the name of a role is left alone where the question asks for a dialogue, an interview or a script. With `of_user` the text
    is the user's, who may well write "Question: ..." and "Student: ...", and speaks for nobody but the assistant. The tokens and roles of the text
    that the question is about (`given`) may stand in the answer.
    """
    token = next((match for match in _TOKENS.finditer(answer) if match.group() not in question and match.group() not in given), None)
    if token is not None:
        return f'holds the mark "{token.group().strip()}" of a prompt'
    theirs = {match.group(1) for match in _ROLE.finditer(given)}
    roles = (match for match in _ROLE.finditer(answer) if match.group(1) not in theirs)
    role = next((match for match in roles if not of_user or match.group(1) in _ASSISTANTS), None)
    if role is not None and not _DIALOGUE.search(plain(question)) and role.group(1).casefold() not in plain(question):
        return f'speaks for "{role.group(1)}"'
    return None
