"""What all operators that ask a language model share: their parameters, and `ask`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar, overload

from pydantic import Field

from operators.asking.conversation import Answered, Check, ask_until_it_fits
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Message, Part, Request, Sampling
from operators.asking.serving import LLMSession
from operators.core.operator import Need, Operator

AnswerType = TypeVar("AnswerType")


class AsksLLM(Operator, abstract=True):
    """The parameters and the conversation that all operators with a prompt share."""

    needs: ClassVar[tuple[Need, ...]] = ("llm",)

    prompt: PromptTemplate[Any]
    llm: str = Field("llm", description="Name of the language model resource.")
    temperature: float | None = Field(0.0, ge=0, le=2, description="How freely answers are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(512, ge=1, description="Longest answer, in tokens; null leaves it to the server.")
    seed: int | None = Field(None, description="Seed of the draw; None leaves it to the server.")
    max_reasks: int = Field(2, ge=0, description="How often to ask again, with what was wrong, when an answer does not fit.")

    @overload
    async def ask(self, llm: LLMSession, values: Mapping[str, Any], *, prompt: PromptTemplate[AnswerType], **further: Any) -> AnswerType: ...
    @overload
    async def ask(self, llm: LLMSession, values: Mapping[str, Any], **further: Any) -> Any: ...

    async def ask(self, llm: LLMSession, values: Mapping[str, Any], **further: Any) -> Any:
        """The answer to `prompt` (the operator's own where none is given) as its type. `further` are those of `answered`.

        Raises:
            RowFailed: no answer, or none that is good.
        """
        return (await self.answered(llm, values, **further)).answer

    async def answered(
        self,
        llm: LLMSession,
        values: Mapping[str, Any],
        *,
        prompt: PromptTemplate[AnswerType] | None = None,
        check: Check | None = None,
        sample: int = 0,
        sampling: Sampling | None = None,
        history: Sequence[Message] = (),
        parts: Sequence[Part] = (),
    ) -> Answered[AnswerType]:
        """The answer with the completion that it was read from.

        Args:
            llm: a model that the operator was given.
            values: variables of the prompt, beside the operator's parameters.
            prompt: what is asked; the operator's own prompt where none is given.
            check: says what is wrong with an answer of the right shape; the model is told, and answers again.
            sample: the number of the answer, where several are drawn to one question.
            sampling: how the answer is drawn, where not as the parameters say.
            history: what was said before the question, after the system message.
            parts: pictures and sounds that follow the text of the question.

        Raises:
            RowFailed: no answer ("timeout: ..."), or none that is good ("invalid_answer: ...").
        """
        asked: PromptTemplate[Any] = prompt if prompt is not None else self.prompt
        parameters = self._parameters()
        variables = {**parameters, **values}
        system, user = asked.render({name: variables[name] for name in asked.variables()})
        request = Request(
            messages=(
                *([Message("system", system)] if system else []),
                *(message for question, answer in asked.shown(parameters) for message in (Message("user", question), Message("assistant", answer))),
                *history,
                Message("user", (Part("text", user), *parts) if parts else user),
            ),
            sampling=sampling or self.sampling(),
            json_schema=asked.answer_schema(),
            sample=sample,
        )
        return await ask_until_it_fits(llm, request, asked, check, self.max_reasks)

    def sampling(self) -> Sampling:
        """How the answers are drawn, as the parameters say."""
        return Sampling(temperature=self.temperature, max_tokens=self.max_tokens, seed=self.seed)

    def _parameters(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).model_fields if name != "prompt"}
