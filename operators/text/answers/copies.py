"""Answers that only say the instruction again."""

from __future__ import annotations

import bisect
import re
from typing import Final

from operators.bases.plain_words import plain
from operators.bases.words import words

_EDITS = re.compile(
    r"(?:^|[.!?:;,)] |\b(?:and|please|you|to|then) )(?:correct|fix|edit|proofread|punctuate|capitali[sz]e|rewrite|rephrase|paraphrase|replace|change"
    r"|remove|delete|insert|add|fill|complete|finish|continue|translate|copy|extract|quote|repeat|convert|turn|transform|sort|reorder|arrange"
    r"|rearrange|unscramble|say|shorten|simplify|summari[sz]e|combine|join|merge|split|underline|highlight|put|improve|polish|write out)\b"
    r"|\b(?:grammar\w*|grammatical\w*|spelling|misspel\w*|punctuation|commas?|(?:lower|upper|title)[ -]?case|capitals|blanks?|tense|plural|singular"
    r"|(?:passive|active) voice|(?:the|this|these|each|following) sentences?|sentences? ?:|true or false|word order)\b|_{2,}|\.{3}|…"
    r"|\b(?:korrigier\w*|verbesser\w*|übersetz\w*|ergänz\w*|satz|corrig\w*|complét\w*|tradui\w*|traduc\w*|traduz\w*|phrase|frase|oración"
    r"|remplac\w*|reescrib\w*|исправ\w*|перевед\w*|вставь\w*|предложени\w*)\b"
    r"|改正|修改|纠正|更正|翻译|填空|填入|改写|添加|标点|复制|提取|引用|替换|排序|补全|句子|重复|訂正|直して|書き換え|翻訳|穴埋め|文を|고치|번역"
    r"|고쳐|문장"
)
"""Tasks whose right answer is nearly the text of the instruction."""
_BRINGS_A_TEXT = re.compile(r"[:：\n]|[\"“”„«»「『]|(?<!\w)['‘]\w|[.!?。！？]\s*\S")
_YES_OR_NO = re.compile(
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|must|may|might|isn't|aren't|don't|doesn't)\b(?! you\b)"
)
_ASKS_FOR_A_WORD = re.compile(
    r"(?:(?:in|at|on|by|from|to|of|for) )?(?:who|whom|whose|what|which|where|when|how (?:many|much|old|long|far)"
    r"|wer|wen|wem|wessen|was|welche[rsnm]?|wo|wann"
    r"|qui|quels?|quelles?|où|quand|combien|quién(?:es)?|qué|cuál|dónde|cuándo|chi|che|quale|dove|quem|qual|onde|кто|что|где|когда)\b"
    r"|.*(?:谁|誰|什么|哪|几|何|누구|무엇|어디)"
)
_GREETINGS: Final = frozenset(
    "hi hello hey there good morning afternoon evening night day welcome happy merry new year christmas birthday bye goodbye ping hola bonjour salut "
    "hallo guten tag morgen ciao buenos buenas días tardes olá oi bom dia привет здравствуйте 你 好 您 早 上 안녕하세요 안녕 namaste salaam aloha "
    "こ ん に ち は お よ う".split()
)
_COURTESY = re.compile(r"^(?:please|kindly|can you|could you|would you|will you)(?: please)?,? |请|請")


def says_again(instruction: str, output: str, max_new_words: int) -> bool:
    """Whether an answer is the instruction again: all of it, or a part with at most so many words of its own, where no such answer is asked for."""
    if len(output) > 2 * len(instruction) + 20:
        return False
    asked, said = plain(instruction), plain(output)
    asked_letters, said_letters = _letters(asked), _letters(said)
    if not said_letters:
        return False
    if said_letters in (asked_letters, _letters(_COURTESY.sub("", asked))):
        return not _GREETINGS.issuperset(words(said))
    if said_letters.startswith(asked_letters):
        return False  # the question, and its answer behind it
    asked_words, said_words = words(asked), words(said)
    new = _new_words(said_words, asked_words)
    if len(said_words) < max(4, 0.6 * len(asked_words)) or new > max_new_words:
        return False
    if new and _ASKS_FOR_A_WORD.match(asked) and said_words[0] != asked_words[0]:
        return False  # "Who painted it?" "Leonardo painted it."
    if _EDITS.search(asked) or _YES_OR_NO.match(asked):
        return False
    return words(_COURTESY.sub("", said))[:2] == words(_COURTESY.sub("", asked))[:2] or not _BRINGS_A_TEXT.search(asked)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _new_words(said: list[str], asked: list[str]) -> int:
    """How many words of one text do not stand in the other, in its order."""
    at = new = 0
    place: dict[str, list[int]] = {}
    for index, word in enumerate(asked):
        place.setdefault(word, []).append(index)
    for word in said:
        places = place.get(word, [])
        following = bisect.bisect_left(places, at)
        if following == len(places):
            new += 1
        else:
            at = places[following] + 1
    return new
