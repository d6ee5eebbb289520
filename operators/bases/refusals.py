"""Whether an answer refuses, or speaks of the model that gives it."""

from __future__ import annotations

import re
from typing import Final

from operators.bases.plain_words import plain

_CANNOT: Final = (
    r"(?:can ?not|can't|could not|couldn't|won't|will not|would not|am not able to|'m not able to|am unable to|'m unable to|must decline to"
    r"|have to decline to|decline to|am not allowed to|'m not allowed to|am not permitted to|am not programmed to|'m not programmed to"
    r"|do not have the (?:ability|capability) to|don't have the (?:ability|capability) to|am not comfortable|'m not comfortable)"
)
_DO: Final = (
    r"(?:assist|help|fulfil|fulfill|comply|provide|answer|complete|do that|do this|generate|create|produce|write|engage|support|discuss"
    r"|offer|give"
    r"|share|respond|continue|process|perform|access|browse|open|view|see|watch|listen|hear|recommend|participate|accommodate"
    r"|facilitate|endorse)"
)
_OTHERS: Final = (
    r"as an? (?:artificial intelligence|ai)(?:[ -]?powered)?(?: (?:language )?model| assistant| chatbot| system| bot)?\b(?!s)",
    r"as an? (?:large )?language model\b",
    r"\bi(?: am|'m) (?:just|only|merely|simply)? ?(?:an? )?(?:artificial intelligence|ai|computer program|language model"
    r"|virtual assistant|chatbot)\b",
    r"\bi(?: do not|don't) have (?:personal (?:opinions?|experiences?|feelings?|beliefs?|preferences?)|feelings|emotions"
    r"|access to (?:real-?time|the internet))",
    r"\bmy (?:knowledge (?:cutoff|cut-off)|training data|programming|guidelines|content policy)\b",
    r"\b(?:against|violates?|goes against) (?:my|our|openai's|anthropic's|google's) (?:policy|policies|guidelines|programming|terms)",
    r"\b(?:developed|trained|created|made) by (?:openai|anthropic|google|meta|deepmind|mistral ai|deepseek|alibaba)\b",
    r"\b(?:i am|i'm) (?:chatgpt|claude|gemini|bard|llama|qwen|deepseek|copilot)\b",
    # other languages: the same three things said in the usual words
    r"\bals (?:ki|künstliche intelligenz|ki-(?:sprach)?modell|sprachmodell)\b",
    r"\bich kann (?:ihnen|dir|euch)?(?: leider)? ?(?:dabei|damit|hierbei)(?: leider)? nicht (?:helfen|weiterhelfen)",
    r"\ben tant qu(?:e |')(?:ia|intelligence artificielle|mod[eè]le de langage|assistant virtuel)\b",
    r"\bje ne peux pas (?:vous |t')?(?:aider|répondre|fournir|accéder)",
    r"\bcomo (?:una? )?(?:ia|inteligencia artificial|inteligência artificial|modelo de (?:lenguaje|linguagem))\b",
    r"\bno puedo (?:ayudar|proporcionar|cumplir|responder|asistir)|\bnão posso (?:ajudar|fornecer|responder)",
    r"\bin quanto (?:ia|intelligenza artificiale|modello linguistico)\b",
    r"\bкак (?:ии|искусственный интеллект|языковая модель)\b|\bя не могу (?:помочь|ответить|предоставить)",
    r"作为(?:一个|一名)?(?:ai|人工智能|大型?语言模型|语言模型)|(?:我|抱歉,?)无法(?:提供|协助|回答|满足|帮助)|很抱歉,?我(?:不能|无法)",
    r"(?:ai|人工知能|言語モデル)として(?:は|の)?|お(?:手伝い|答え)(?:することは)?できません",
    r"(?:ai|인공지능|언어 ?모델)(?:로서|로써)|도와드릴 수 없습니다",
)
_REFUSAL = re.compile(
    rf"\bi {_CANNOT} (?:\w+ ){{0,3}}?{_DO}\b|\bi{_CANNOT} (?:\w+ ){{0,3}}?{_DO}\b"
    rf"|\bi(?:'m| am) sorry,? (?:but )?i {_CANNOT}\b"
)
_SELF = re.compile("|".join(_OTHERS))
_QUOTED = re.compile(r'"[^"\n]{0,400}"|```.*?```', re.DOTALL)
_ABOUT_MODELS = re.compile(
    r"\b(?:ai|artificial intelligence|language models?|chatbots?|chatgpt|openai|refus\w*|declin\w*|reject\w*)\b|语言模型|人工智能"
)


def refusal_in(answer: str, question: str = "", characters: int = 600) -> str | None:
    """The words by which an answer refuses ("i cannot help"), or speaks of the model ("as an ai"); None where it does neither.

    They stand near the beginning, in the first person, outside quotation marks. Of language models an answer may speak where the question does.
    """
    said = _QUOTED.sub(" ", plain(answer[:characters]))
    found = _REFUSAL.search(said)
    if found is None and not _ABOUT_MODELS.search(plain(question[:2000])):
        found = _SELF.search(said)
    return found.group()[:80] if found else None
