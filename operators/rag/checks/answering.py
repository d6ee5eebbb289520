"""What operators share that let a model answer a question from some of its documents, and tell whether the answer is right."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.answer_overlap import SaidWords, answer_units, as_answers, best_overlap, verdict_of
from operators.bases.votes import DrawsSamples
from operators.rag.checks.prompts import Agreement, AgreementPrompt, AnswerPrompt, ShortAnswer
from operators.rag.task import LIST_MARK

_SAYS_NOTHING: Final = frozenset(
    "a an the in on at of by to from for with as it its this that there is was are were be been has had he she they his her their and also both "
    "year years answer called named name der die das dem den ein eine im am von vom mit es ist war wurde und le la les l un une de du des en "
    "est était et el los las una del fue era y il lo gli uno di nel e o os um uma na foi é в во на это был была было были и году год 在 是 的 了 "
    "年 于 於 为 為 叫 和 で は が の に です だ と 은 는 이 가 을 를 에 서 입 니 다 년 의 他 她 す ま し た".split()
)
"""Words around an answer that do not change what it says: "in the year 1998" for "1998". "Before 1998" and "not in 1998" say something else."""
_NEVER: Final = frozenset(
    "not no never nor neither without or nicht kein keine oder ohne ne pas ni ou sans non né nem não не ни или без 不 没 沒 无 無 非 或".split()
)
"""Words that change an answer although the question says them too."""


class AnswersFromDocuments(DrawsSamples, abstract=True):
    """Lets a model answer, and judges by the words first: a model is asked only of an answer that shares some words with the right one.

    An answer is right where it matches the gold answer or an alias, or says all its words and no others than those of the question and words like
    "in the year"; wrong where it shares none. What lies between is given to the model where `judge` is set, and wrong where it is not. An answer that
    cannot be had, or not be judged, sets the row aside: it counts neither as right nor as wrong.
    """

    prompt_variables = ("said", "golds")

    prompt: PromptTemplate[ShortAnswer] = AnswerPrompt()
    judge_prompt: PromptTemplate[Agreement] = AgreementPrompt()
    judge: bool = Field(True, description="Whether the model is asked of answers that share some words with the right one.")
    characters: int = Field(8000, ge=1, description="How much of each document the model sees.")
    max_tokens: int | None = Field(256, ge=1, description="Longest answer, in tokens; null leaves it to the server.")

    async def answers(self, llm: LLMSession, question: str, documents: Sequence[str]) -> list[str]:
        """What the model says, once for each sample.

        Raises:
            RowFailed: one of the samples has no answer: a share of the others would say something else.
        """
        values = {"question": question, "documents": list(documents)}
        drawn = await asyncio.gather(*(self.ask(llm, values, sample=sample) for sample in range(self.samples)))
        return [str(one.answer) for one in drawn]

    async def right(self, llm: LLMSession, question: str, said: str, golds: Sequence[str]) -> bool:
        """Whether an answer is right.

        Raises:
            RowFailed: it has to be judged, and the judge says nothing that can be read.
        """
        verdict = by_words(said, golds, question)
        if verdict != "unclear" or not self.judge:
            return verdict == "right"
        judged: Agreement = await self.ask(llm, {"question": question, "said": said, "golds": list(golds)}, prompt=self.judge_prompt)
        return judged.same


def by_words(said: str, golds: Sequence[str], question: str = "") -> Literal["right", "wrong", "unclear"]:
    """What the words of an answer say of it. Of a gold answer with several parts, all have to be said, in any order.

    >>> by_words("in the year 1998", ["1998"]), by_words("Oslo", ["Bergen"]), by_words("the Bergen line", ["Bergen line to Oslo"])
    ('right', 'wrong', 'unclear')
    >>> by_words("before 1998", ["1998"]), by_words("Bergen or Oslo", ["Bergen"])
    ('unclear', 'unclear')
    >>> by_words("7; Ada", ["Ada; seven"]), by_words("Ada", ["Ada; seven"])
    ('right', 'unclear')
    """
    found = best_overlap(said, golds)
    if found.exact:
        return "right"
    if any(verdict_of(gold) for gold in golds) or found.f1 == 0:
        return "wrong"
    units, words = Counter(answer_units(said)), SaidWords(said)
    harmless = _SAYS_NOTHING | (set(answer_units(question)) - _NEVER)
    for gold in golds:
        parts = gold.split(LIST_MARK)
        wanted = Counter(answer_units(gold))
        is_said = all(part in words for part in parts) if len(parts) > 1 else wanted <= units
        if is_said and (units - wanted).keys() <= harmless:
            return "right"
    return "unclear"


def gold_answers(answer: Any, aliases: Any) -> list[str]:
    """The answer and its aliases, each once."""
    return list(dict.fromkeys([*as_answers(answer), *as_answers(aliases)]))
