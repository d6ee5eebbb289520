"""Asking until the answer fits: what was wrong is told to the model, which answers again."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar

from operators.asking.answers import Completion
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Message, Part, Request
from operators.asking.serving import LLMSession
from operators.tables.errors import RowFailed

AnswerType = TypeVar("AnswerType")

Check: TypeAlias = Callable[[Any], "str | Awaitable[str | None] | None"]
"""What is wrong with an answer that has the right shape, in words that the model is shown; None where nothing is. It may be a coroutine."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[AnswerType]):
    """An answer as its type, and the completion that it was read from: the model's name, the tokens, the reason why it ended."""

    answer: AnswerType
    completion: Completion


async def ask_until_it_fits(
    llm: LLMSession, request: Request, prompt: PromptTemplate[AnswerType], check: Check | None = None, max_reasks: int = 0
) -> Answered[AnswerType]:
    """The answer to a request that `prompt` made, asked for again where it is empty, does not fit its type, or `check` finds fault with it.

    Raises:
        RowFailed: no answer ("timeout: ..."), or none that is good ("invalid_answer: ...").
    """
    fault = last = ""
    for _ in range(max_reasks + 1):
        completion = await llm.generate(request)
        if not isinstance(completion, Completion):
            raise RowFailed(f"{completion.kind}: {completion.message}")
        last = completion.text
        try:
            answer = prompt.parse(last)
        except ValueError as error:
            fault = str(error)
        else:
            found = check(answer) if check is not None else None
            fault = (await found if inspect.isawaitable(found) else found) or ""
            if not fault:
                return Answered(answer, completion)
        request = _asked_again(request, last, f"{fault}. Answer again{'' if prompt.answer is str else ', with JSON that fits the schema'}.")
    raise RowFailed(f"invalid_answer: {fault} (asked {max_reasks + 1} times; the last answer was {last[:120]!r})")


def _asked_again(request: Request, last: str, complaint: str) -> Request:
    """The conversation carried on. Servers refuse an assistant who said nothing: after an empty answer the question itself says it."""
    if last.strip():
        return request.followed_by(Message("assistant", last), Message("user", complaint))
    *before, question = request.messages
    if isinstance(question.content, str):
        return replace(request, messages=(*before, replace(question, content=f"{question.content}\n\n{complaint}")))
    return replace(request, messages=(*before, replace(question, content=(*question.content, Part("text", complaint)))))
