"""Conversations in which an assistant calls functions, and every call is run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.messages.turns import Turn
from operators.bases.messages.writing import MESSAGES_WITH_TOOLS, as_messages_with_tools
from operators.bases.unfit_turns import unfit
from operators.core.llm import LLMGenerate
from operators.core.runs_programs import RunsPrograms
from operators.sandboxes import SandboxSession
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.tools.agents import Talk, arguments_of, call_check, choice_of, given
from operators.tools.calls import Call
from operators.tools.columns import ANY_DEFINITIONS
from operators.tools.definitions import Tool, read_tools
from operators.tools.execution import NotLoaded, Result, program_of, results_of
from operators.tools.prompts import ArgumentsPrompt, ChooseFunctionsPrompt, ToolAnswerPrompt, UserTurnPrompt
from operators.tools.use import Check, use_faults
from operators.tools.wording import lost_detail


class ToolConversationGenerator(LLMGenerate, RunsPrograms):
    """Play a conversation of a user, who asks for one part of a task after the other, and an assistant that calls functions, which are run.

    Each call has to fit the schema of its function, and each argument has to have been said or returned before; else the assistant is told, and calls
    again. A call that was made already is not made again, and ends the calls of the turn. The functions are those of `implementation`, run in a
    sandbox, with a SQLite database that lives as long as the conversation: what is booked in one turn is found booked in the next. A result is never
    written by a model, and an answer states no number that comes from nowhere. Each turn of the user ends with an answer, so that roles alternate and
    the last word is the assistant's; one that comes to no answer in `max_rounds` sets the row aside with the reason.
    """

    covers = ("MultiTurnConversationGenerator",)
    source = "BUTTON (Chen et al. 2024): user, assistant and tool agents; with tools that are run"
    asks = ("simulate a user and an agent with tools", "multi turn function calling dialogues", "generate tool use trajectories with real results")
    needs = ("llm", "sandbox")
    prompt_variables = ("said", "want", "function", "functions", "results")

    input_sub_tasks = Input(list[str])
    input_tools = Input(Any, "tools", description=ANY_DEFINITIONS)
    input_implementation = Input(str, "implementation")
    output_messages = Output(MESSAGES_WITH_TOOLS, "messages")

    prompt: PromptTemplate[str] = ChooseFunctionsPrompt()
    arguments_prompt: PromptTemplate[str] = ArgumentsPrompt()
    answer_prompt: PromptTemplate[str] = ToolAnswerPrompt()
    user_prompt: PromptTemplate[str] = UserTurnPrompt()
    own_words: bool = Field(True, description="Whether the user puts the tasks in own words, by a model; else they are said as they are.")
    max_rounds: int = Field(4, ge=1, le=20, description="How often functions may be called for one turn of the user.")
    max_errors: int = Field(2, ge=0, description="Calls that may return an error, in the whole conversation.")
    max_tokens: int | None = Field(250, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        defined = {tool.name: tool for tool in read_tools(values["tools"])}
        wanted = [part.strip() for part in values["sub_tasks"] if part and part.strip()]
        if not defined or not wanted:
            raise ValueError("it has no functions" if wanted else "it has no tasks")
        play = _Play(self, llm, values["sandbox"], values["implementation"], defined)
        for part in wanted:
            await play.user_turn(part)
        if faults := use_faults(play.talk.turns, list(defined.values()), _PROVEN):
            raise RowFailed(f"invalid_answer: {faults[0].check}: {faults[0]}")
        return as_messages_with_tools(play.talk.turns)


_PROVEN: tuple[Check, ...] = ("valid", "grounded", "needed")


class _Play:
    """One conversation, while it is played."""

    def __init__(
        self, operator: ToolConversationGenerator, llm: LLMSession, sandbox: SandboxSession, implementation: str, tools: dict[str, Tool]
    ) -> None:
        self.operator, self.llm, self.sandbox, self.implementation, self.tools = operator, llm, sandbox, implementation, tools
        self.talk = Talk()
        self.listed = "\n".join(f"{tool.signature()}: {tool.description}" for tool in tools.values())

    async def user_turn(self, want: str) -> None:
        """The user asks, functions are called, the assistant answers."""
        self.talk.say("user", await self._asked(want))
        first = len(self.talk.calls)
        for round_ in range(self.operator.max_rounds):
            names = await self._chosen(least=1 if not self.talk.calls and round_ == 0 else 0)
            if not names:
                break
            calls = [call for call in await self._calls(names) if not self.talk.has_made(call, since=first)]
            if not calls:
                break
            self.talk.record(calls, await self._run(calls))
            failed = sum(bool(result.error_class) for result in self.talk.results)
            if failed > self.operator.max_errors:
                raise RowFailed(f"{failed} calls returned an error, above max_errors = {self.operator.max_errors}: {self.talk.results[-1].error}")
        else:
            if not await self._is_done():
                raise RowFailed(f"the assistant was not done after max_rounds = {self.operator.max_rounds} rounds of calls")
        self.talk.say("assistant", await self._answer(first))

    async def _asked(self, want: str) -> str:
        if not self.operator.own_words:
            return want

        def check(text: str) -> str | None:
            lost = lost_detail(want, f"{self.talk.as_text()}\n{text}")
            return unfit(text, "user", self.talk.turns) or (f'you left out "{lost}"' if lost else None)

        values = {"said": self.talk.as_text(), "want": want}
        return (await self.operator.ask(self.llm, values, prompt=self.operator.user_prompt, check=check)).strip()

    async def _chosen(self, least: int) -> list[str]:
        prompt = self.operator.prompt.answering(choice_of(tuple(self.tools), least))
        answer: Any = await self.operator.ask(self.llm, {"said": self.talk.as_text(), "functions": self.listed}, prompt=prompt)
        return list(dict.fromkeys(answer.functions))

    async def _is_done(self) -> bool:
        return not await self._chosen(least=0)

    async def _calls(self, names: Sequence[str]) -> list[Call]:
        return list(await asyncio.gather(*(self._call(self.tools[name]) for name in names)))

    async def _call(self, tool: Tool) -> Call:
        said = self.talk.said
        prompt: PromptTemplate[Any] = self.operator.arguments_prompt.answering(arguments_of(orjson.dumps(dict(tool.parameters))))
        function = f"{tool.signature()}: {tool.description}"
        answer = await self.operator.ask(
            self.llm,
            {"said": self.talk.as_text(), "function": function},
            prompt=prompt,
            check=lambda answer: call_check(tool, given(answer), said),
        )
        return Call(tool.name, given(answer))

    async def _run(self, calls: Sequence[Call]) -> list[Result]:
        """The results of new calls: all calls of the conversation are made again before them, and have to give what they gave."""
        every = [*self.talk.calls, *calls]
        try:
            results = results_of(await self.sandbox.run(program_of(self.implementation, every, self.operator.limits())), every)
        except NotLoaded as error:
            raise RowFailed(f"the functions do not run: {error}") from None
        before, new = results[: len(self.talk.calls)], results[len(self.talk.calls) :]
        if before != self.talk.results:
            raise RowFailed("the functions do not return the same to the same calls")
        broken = next((result for result in new if result.is_broken), None)
        if broken is not None:
            raise RowFailed(f"a function is broken: {broken.error_class}: {broken.error}")
        return new

    async def _answer(self, first: int) -> str:
        """The answer to the user, which has to agree with what the calls since call `first` returned."""
        tools = list(self.tools.values())

        def check(text: str) -> str | None:
            if fault := unfit(text, "assistant", self.talk.turns):
                return fault
            turns = [*self.talk.turns, Turn("assistant", text)]
            checks: tuple[Check, ...] = ("used", "consistent") if len(self.talk.calls) > first else ("consistent",)
            faults = [fault for fault in use_faults(turns, tools, checks) if fault.check == "consistent" or fault.turn > _last_user(self.talk.turns)]
            faults = [fault for fault in faults if fault.check == "used" or fault.turn == len(turns)]
            return faults[0].reason if faults else None

        values = {"said": self.talk.spoken(), "results": [result.text for result in self.talk.results[first:]]}
        return (await self.operator.ask(self.llm, values, prompt=self.operator.answer_prompt, check=check)).strip()


def _last_user(turns: Sequence[Any]) -> int:
    return max((number for number, turn in enumerate(turns, 1) if turn.role == "user"), default=0)
