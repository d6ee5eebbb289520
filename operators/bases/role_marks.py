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
    r"^[ \t*_>]{0,4}(User|Human|Assistant|AI|Bot|System|Instruction|Response|Question|Prompt|Student|Nutzer|Benutzer|Assistent"
    r"|Utilisateur|Usuario|Asistente|Usuário|Utente|Assistente|Gebruiker|Пользователь|Ассистент|用户|用戶|助手|助理|人类|人類|ユーザー|アシスタント"
    r"|사용자|어시스턴트|المستخدم|المساعد|उपयोगकर्ता|सहायक)"
    r"[ \t*_]{0,3}[:：][ \t*_]*\S",
    re.MULTILINE,
)
_DIALOGUE = re.compile(
    r"\b(?:dialogues?|dialogs?|conversations?|chat|script|interview|screenplay|scene|transcripts?|role-?play|q&a|faq|skit|play"
    r"|messages?)\b|gespräch|unterhaltung|dialog|diálogo|diyalog|conversa|entrevista|entretien|intervista|colloquio|диалог|разговор|интервью|чат\b"
    r"|对话|對話|对白|会话|剧本|采访|面试|聊天|会話|対話|インタビュー|台本|チャット|대화|인터뷰|대본|채팅|حوار|محادثة|संवाद|बातचीत"
)


_ASSISTANTS = frozenset(
    "Assistant AI Bot Assistent Asistente Assistente Ассистент 助手 助理 アシスタント 어시스턴트 المساعد सहायक".split(),
)


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
