"""What is wrong with a question and its answer, seen without a model: the cheap checks that come before one is asked to judge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from operators.bases.dangling_references import dangling_reference, reference_to_the_text
from operators.bases.implausible_answers import as_said, implausible, stops_short
from operators.bases.words import folded_words
from operators.knowledge.questions.support import content_words, unsupported

Check = Literal["form", "self_contained", "answer_in_question", "no_answer", "supported", "several_hops"]


@dataclass(frozen=True)
class Pair:
    """A question, its answer, and the texts of its quotes; `hops`: how many of them it is said to need."""

    question: str
    answer: str
    quotes: Sequence[str]
    hops: int = 1
    needed: float = 0.6

    @cached_property
    def question_words(self) -> list[str]:
        return folded_words(self.question)

    @cached_property
    def answer_words(self) -> list[str]:
        return folded_words(self.answer)


_ASKS: Final = re.compile(
    r"[?？؟՞፧\u037e]|[\u0370-\u03ff];\s*$|^\W*(?:what|who|whom|whose|which|when|where|why|how|name|list|explain|describe|give|state|compute|calculate|find|prove|show|solve|"
    r"determine|define|compare|is|are|do|does|did|can|could|should|will|would|has|have|in what|in which|for what|to what|at what|"
    r"wer|was|wie|wo|wann|warum|welche\w*|qui|que|quel\w*|comment|pourquoi|quand|où|qué|quién|cuál|cómo|cuándo|dónde)\b"
    r"|ใคร|อะไร|ไหน|เมื่อไ|เมื่อใด|ทำไม|อย่างไร|กี่|เท่าไ|หรือไม่|[谁什哪何几吗呢怎誰]|多少|为啥|是否|能否|请|^(?:列举|说出|解释|描述|给出|写出|指出|简述|计算|证明|求)",
    re.IGNORECASE,
)
_CHOICE: Final = re.compile(
    r"\b(?:or|oder|ou|o)\b|还是|或者?|^\W*(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have|had)\b|吗|是否", re.IGNORECASE
)
_NOTHING_KNOWN: Final = re.compile(
    r"\b(?:not (?:mentioned|specified|stated|provided|given|available|known|clear|described|discussed)|"
    r"(?:does not|doesn't) (?:say|mention|specify|state|provide|give|explain)|"
    r"no information|cannot (?:answer|be determined)|can't (?:answer|say)|don't know|do not know|"
    r"i'm sorry|i am sorry|as an ai|n/a|insufficient (?:information|context))\b|未提及|没有提到|未说明|无法(?:确定|回答|得知)|不知道|没有说明"
    r"|\b(?:wird|ist|wurde) nicht (?:erwähnt|genannt|angegeben|bekannt)\b|\bkeine (?:Angaben?|Information)\b|\bweiß (?:ich )?(?:es )?nicht\b"
    r"|\bno se (?:menciona|especifica|indica|dice|sabe|proporciona)\b"
    r"|\bn['’](?:est|a) pas (?:été )?(?:mentionné|précisé|indiqué|fourni)|\bne (?:précise|mentionne) pas\b"
    r"|\bnon (?:è |viene |è stato )?(?:menzionat|specificat|indicat)[oa]\b"
    r"|\bnão (?:é |foi |está )?(?:mencionad|especificad|informad|indicad)[oa]\b|\bnão se sabe\b"
    r"|\bне (?:указан|упомянут|упомина|известно|сказано|говорится)"
    r"|記載されていません|記載(?:が|は)(?:ない|ありません)|言及されてい(?:ない|ません)|(?:分|わ)かりません"
    r"|언급(?:되지|되어 있지|이 없)|명시되(?:지|어 있지)|알 수 없|لم (?:يذكر|يُذكر)|غير (?:مذكور|محدد)|لا أعرف|उल्लेख नहीं",
    re.IGNORECASE,
)
_FEWEST_WORDS: Final = 3
_FEWEST_CHARACTERS: Final = 5


def _form(pair: Pair) -> str | None:
    if len(pair.question_words) < _FEWEST_WORDS or len(pair.question.strip()) < _FEWEST_CHARACTERS:
        return "the question has too few words to ask anything"
    if not _ASKS.search(pair.question):
        return "the question asks nothing"
    if stops_short(pair.question):
        return "the question stops in the middle"
    if pair.answer.rstrip().endswith((":", "：")):
        return "the answer announces what does not follow"
    if sum(map(pair.question.count, "?？؟")) > 1:
        return "it is several questions"
    return implausible(pair.answer, pair.question)


def _self_contained(pair: Pair) -> str | None:
    if words := dangling_reference(pair.question):
        return f"the question points to what its reader cannot see: {words!r}"
    if words := reference_to_the_text(pair.answer):
        return f"the answer points to what its reader cannot see: {words!r}"
    return None


def _answer_in_question(pair: Pair) -> str | None:
    answer = [word for word in pair.answer_words if word not in ("the", "a", "an")]
    if not answer or _CHOICE.search(pair.question):
        return None
    asked = [word for word in pair.question_words if word not in ("the", "a", "an")]
    if _stands_in(answer, asked):
        return "the answer stands in the question"
    new = [word for word in content_words(pair.answer) if word not in set(content_words(pair.question))]
    return None if new or not content_words(pair.answer) else "the answer says nothing that the question does not say"


def _stands_in(words: Sequence[str], text: Sequence[str]) -> bool:
    return any(list(text[at : at + len(words)]) == list(words) for at in range(len(text) - len(words) + 1)) if len(words) <= 30 else False


def _no_answer(pair: Pair) -> str | None:
    return "the answer says that there is none" if _NOTHING_KNOWN.search(pair.answer[:2000]) else None


def _supported(pair: Pair) -> str | None:
    return unsupported(pair.answer, pair.question, pair.quotes, pair.needed) if pair.quotes else "there is no quote"


def _several_hops(pair: Pair) -> str | None:
    """For questions that are said to need several quotes: whether one of them says all that is asked and answered."""
    if pair.hops < 2:
        return None
    different = {as_said(quote) for quote in pair.quotes}
    if len(different) < 2:
        return f"{len(different)} different quote, where the question is said to need {pair.hops} facts"
    answer, asked = set(content_words(pair.answer)), set(content_words(pair.question))
    for quote in different:
        held = set(content_words(quote))
        if answer - asked <= held and asked <= held:
            return "one quote alone holds question and answer"
    return None


CHECKS: Final[Mapping[Check, Callable[[Pair], str | None]]] = {
    "form": _form,
    "no_answer": _no_answer,
    "self_contained": _self_contained,
    "answer_in_question": _answer_in_question,
    "supported": _supported,
    "several_hops": _several_hops,
}


def pair_fault(pair: Pair, checks: Sequence[Check] = tuple(CHECKS)) -> str | None:
    """The first fault of a pair, by the checks in their order; None where all hold.

    >>> pair_fault(Pair("What is the capital Paris called?", "Paris", ["Paris is the capital."]))
    'answer_in_question: the answer stands in the question'
    """
    for name in checks:
        if fault := CHECKS[name](pair):
            return f"{name}: {fault}"
    return None
