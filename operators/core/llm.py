"""Operators that ask a language model: a prompt and the columns its answer goes to, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from operators.asking.answers import Completion
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Message, Request, Sampling
from operators.asking.serving import LLMSession
from operators.core.kinds import Evaluate, Filter, Generate, Refine
from operators.core.operator import Need, Operator
from operators.tables.errors import RowFailed


class AsksLLM(Operator, abstract=True):
    """The parameters and the conversation that all operators with a prompt share."""

    needs: ClassVar[tuple[Need, ...]] = ("llm",)

    prompt: PromptTemplate[Any]
    llm: str = Field("llm", description="Name of the language model resource.")
    temperature: float = Field(0.0, ge=0, le=2)
    max_tokens: int = Field(512, ge=1, description="Longest answer, in tokens.")
    seed: int | None = Field(None, description="Seed of the draw; None leaves it to the server.")
    max_reasks: int = Field(2, ge=0, description="How often to ask again, with what was wrong, when an answer does not fit.")

    async def ask(self, llm: LLMSession, values: Mapping[str, Any], sample: int = 0) -> Any:
        """The answer to the prompt, as its type.

        Raises:
            RowFailed: no answer, or none that fits the schema.
        """
        prompt = self.prompt
        variables = {**{name: getattr(self, name) for name in type(self).model_fields if name != "prompt"}, **values}
        system, user = prompt.render({name: variables[name] for name in prompt.variables()})
        request = Request.of(user, system or None, sampling=self._sampling(), json_schema=prompt.answer_schema(), sample=sample)
        fault = last = ""
        for _ in range(self.max_reasks + 1):
            answer = await llm.generate(request)
            if not isinstance(answer, Completion):
                raise RowFailed(f"{answer.kind}: {answer.message}")
            last = answer.text
            try:
                return prompt.parse(last)
            except ValueError as error:
                fault = str(error)
                request = request.followed_by(Message("assistant", last), Message("user", f"{fault}. Answer again, with JSON that fits the schema."))
        raise RowFailed(f"invalid_answer: {fault} (asked {self.max_reasks + 1} times; the last answer was {last[:120]!r})")

    def _sampling(self) -> Sampling:
        return Sampling(temperature=self.temperature, max_tokens=self.max_tokens, seed=self.seed)

    def columns_of(self, answer: Any) -> dict[str, Any]:
        """An answer by output name: of each output its `from_field`, or the field of its name; a plain text goes to the only output."""
        outputs = self.outputs()
        if not isinstance(answer, BaseModel):
            return {next(iter(outputs)): answer}
        return {short: getattr(answer, declared.from_field or short) for short, declared in outputs.items()}


class LLMEvaluate(Evaluate, AsksLLM, abstract=True):
    """Ask about each row; the answer's fields become new columns."""

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        return self.columns_of(await self.ask(llm, values))


class LLMGenerate(Generate, AsksLLM, abstract=True):
    """Ask for something new about each row: new columns, or with `adds_rows` the rows that `new_rows` takes from the answer."""

    async def generate(self, llm: LLMSession, **values: Any) -> Any:
        answer = await self.ask(llm, values)
        return list(self.new_rows(answer)) if self.adds_rows else self.columns_of(answer)

    def new_rows(self, answer: Any) -> Iterable[Mapping[str, Any]]:
        """The new rows in an answer, by output name. Here: the answer's only list."""
        lists = [value for _, value in answer if isinstance(value, list)]
        return [item.model_dump() if isinstance(item, BaseModel) else {next(iter(self.outputs())): item} for item in lists[0]]


class LLMRefine(Refine, AsksLLM, abstract=True):
    """Ask for a better version of a column."""

    async def refine(self, llm: LLMSession, **values: Any) -> Any:
        answer = await self.ask(llm, values)
        return next(iter(dict(answer).values())) if isinstance(answer, BaseModel) else answer


class LLMFilter(Filter, AsksLLM, abstract=True):
    """Ask whether to keep each row. The answer has the fields `keep` and, for the rejected rows, `reason`."""

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        answer = await self.ask(llm, values)
        return bool(answer.keep), getattr(answer, "reason", None)
