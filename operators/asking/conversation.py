"""Asking until the answer fits: what was wrong is told to the model, which answers again."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeAlias, TypeVar

from operators.asking.answers import Completion
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Message, Part, Request
from operators.asking.serving import LLMSession
from operators.tables.errors import RowFailed

AnswerType = TypeVar("AnswerType")

Check: TypeAlias = Callable[[Any], "str | Awaitable[str | None] | None"]
"""What is wrong with an answer that has the right shape, in words that the model is shown; None where nothing is. It may be a coroutine."""

_ANSWER: Final = r"(?:answers?|attempt|query|response|reply|code|solution|version|output|text|statement|program)"
_SPEAKS_OF_THE_LAST: Final = re.compile(
    r"\W*(?:(?:the|this|that|your|my) (?:error|mistake)s? (?:message )?(?:is|was|in|indicates?|occurs|occurred|says|shows|above|you)\b"
    rf"|(?:my|your|the|this) (?:previous|earlier|last|first|original) {_ANSWER}\b"
    r"|(?:i(?:'m| am)? |my |please )?(?:sincerely |sincere )?(?:apolog\w+|sorry) (?:for|about) (?:the|my|that|any|this) "
    r"(?:confusion|error|mistake|oversight|misunder)"
    r"|you(?:'re| are) (?:right|correct)[,.!;] (?:i|my|the|here)\b|thank(?:s| you) for (?:pointing|the (?:correction|clarification|feedback))\b"
    r"|here(?:'s| is) (?:the|my|a|an) (?:corrected|revised|updated|fixed|rewritten)\b"
    rf"|(?:the |my )?(?:corrected|revised|updated|fixed|rewritten) (?:sql )?{_ANSWER}\b"
    rf"|let me (?:correct|fix|revise|try again)\b|to (?:fix|correct) (?:this|that|the) (?:error|issue|mistake|{_ANSWER})\b)",
    re.IGNORECASE,
)
"""How a text begins that answers the complaint, and no longer the question. Only what can hardly begin an answer to a question."""
_AGAIN_IN_TEXT: Final = "Answer again, as if for the first time: do not mention this."
_AGAIN_IN_JSON: Final = "Answer again, with JSON that fits the schema."
_WORDS_OF_A_COMPLAINT: Final = 4
"""So many words in a row an answer may hardly share with what it was told of the answer before it."""
_QUOTED: Final = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Answered(Generic[AnswerType]):
    """An answer as its type, and the completion that it was read from: the model's name, the tokens, the reason why it ended."""

    answer: AnswerType
    completion: Completion


async def ask_until_it_fits(
    llm: LLMSession, request: Request, prompt: PromptTemplate[AnswerType], check: Check | None = None, max_reasks: int = 0
) -> Answered[AnswerType]:
    """The answer to a request that `prompt` made, asked for again where it is empty, does not fit its type, or `check` finds fault with it.

    What is kept answers the question alone: a text that speaks of the answer before it ("I apologise", "the corrected query is") is a fault as well,
    and so is one that repeats what it was told. A model that does so is asked the question itself again, with what was wrong below it.

    Raises:
        RowFailed: no answer ("timeout: ..."), or none that is good ("invalid_answer: ...").
    """
    first, fault, last, complaint = request, "", "", ""
    for attempt in range(max_reasks + 1):
        completion = await llm.generate(request)
        if not isinstance(completion, Completion):
            raise RowFailed(f"{completion.kind}: {completion.message}")
        repeats = bool(complaint) and _repeats(completion.text, complaint, f"{first.text}\n{last}")
        last = completion.text
        try:
            answer = prompt.parse(last)
        except ValueError as error:
            fault = str(error)
        else:
            found = check(answer) if check is not None else None
            fault = (await found if inspect.isawaitable(found) else found) or ""
            if not fault and (copied := prompt.of_example(answer)):
                fault = f'"{copied[:60]}" stands in an example: answer the last question'
            if not fault and attempt and isinstance(answer, str) and _SPEAKS_OF_THE_LAST.match(answer):
                fault = "it speaks of the answer before it"
            if not fault and not repeats:
                return Answered(answer, completion)
        if repeats:
            fault = fault or f"it repeats what it was told: {complaint}"
            request = _asked_again(first, "", complaint)
        else:
            complaint = f"{fault}. {_AGAIN_IN_TEXT if prompt.answer is str else _AGAIN_IN_JSON}"
            request = _asked_again(request, last, complaint)
    raise RowFailed(f"invalid_answer: {fault} (asked {max_reasks + 1} times; the last answer was {last[:120]!r})")


def _repeats(answer: str, complaint: str, known: str) -> bool:
    """Whether an answer repeats what it was told of the one before it, and not only words that it has from the question or from there."""
    return not _runs(_QUOTED.sub("", complaint)).isdisjoint(_runs(answer) - _runs(known))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[place : place + _WORDS_OF_A_COMPLAINT]) for place in range(len(words) - _WORDS_OF_A_COMPLAINT + 1)}


def _asked_again(request: Request, last: str, complaint: str) -> Request:
    """The conversation carried on. Servers refuse an assistant who said nothing: after an empty answer the question itself says it."""
    if last.strip():
        return request.followed_by(Message("assistant", last), Message("user", complaint))
    *before, question = request.messages
    if isinstance(question.content, str):
        return replace(request, messages=(*before, replace(question, content=f"{question.content}\n\n{complaint}")))
    return replace(request, messages=(*before, replace(question, content=(*question.content, Part("text", complaint)))))
