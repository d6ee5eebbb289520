"""How an assistant used its functions: proven where that can be proven, and judged by a model beside it."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.messages.reading import read_turns
from operators.bases.messages.turns import NotMessages
from operators.bases.messages.writing import plain_conversation
from operators.bases.ratings import on_scale
from operators.core.kinds import Evaluate, Filter
from operators.core.llm import LLMEvaluate
from operators.tables.columns import Input, Output
from operators.tools.columns import ANY_DEFINITIONS, ReadsToolMessages
from operators.tools.definitions import NotTools, read_tools
from operators.tools.expected import difference
from operators.tools.prompts import ToolUsePrompt, ToolUseRating
from operators.tools.use import CHECKS, Check, use_faults


class ToolUseEvaluator(ReadsToolMessages, Evaluate):
    """Count what is wrong with the calls of each conversation: no model is asked.

    Six checks: each call fits the JSON schema of its function and has a result (valid); one of them returns more than an error (worked); each
    argument was said by somebody or returned by an earlier call (grounded); no call is repeated while nothing has changed (needed); what a call
    returns is said or handed on (used); no number of an answer comes from nowhere, and none says "is booked" where nothing that books was called
    (consistent). `tool_use_faults` has a sentence for each fault, with the check and the turn.
    """

    source = "BUTTON (Chen et al. 2024) for the conversations; JSON Schema 2020-12 for the calls"
    asks = (
        "check every tool call against its schema",
        "find hallucinated arguments in function calls",
        "are tool results used at all",
    )

    output_calls = Output(int, "tool_calls", description="calls in the conversation")
    output_faults = Output(list[str], "tool_use_faults", description='"grounded: turn 4: ..."; empty where nothing is wrong')
    output_faulty_calls = Output(int, "faulty_tool_turns", description="turns with a fault")

    checks: tuple[Check, ...] = Field(CHECKS, min_length=1, description="Which checks.")

    def evaluate(self, messages: Any, tools: Any) -> dict[str, Any]:
        turns = read_turns(messages)
        faults = use_faults(turns, read_tools(tools), self.checks)
        return {
            "calls": sum(len(turn.calls) for turn in turns),
            "faults": [f"{fault.check}: {fault}" for fault in faults],
            "faulty_calls": len(Counter(fault.turn for fault in faults)),
        }


class ToolUseFilter(ReadsToolMessages, Filter):
    """Keep conversations whose calls are in order, by the checks of `ToolUseEvaluator`; the reason names the check, the turn and the argument."""

    source = "JSON Schema 2020-12; BUTTON (Chen et al. 2024)"
    asks = ("drop chats with invalid function calls", "throw out made up tool arguments", "keep only clean tool use trajectories")

    checks: tuple[Check, ...] = Field(CHECKS, min_length=1, description="Which checks.")
    min_calls: int = Field(1, ge=0, description="Calls that a conversation has to have.")

    def keep(self, messages: Any, tools: Any) -> tuple[bool, str | None]:
        try:
            turns, defined = read_turns(messages), read_tools(tools)
        except (NotMessages, NotTools) as error:
            return False, str(error)
        calls = sum(len(turn.calls) for turn in turns)
        if calls < self.min_calls:
            return False, f"it has {calls} calls, below min_calls = {self.min_calls}"
        faults = use_faults(turns, defined, self.checks)
        return not faults, f"{faults[0].check}: {faults[0]}" if faults else None


class ToolConversationRater(LLMEvaluate, ReadsToolMessages):
    """Let a model rate a conversation with calls: whether they were needed, right and in order, and whether answers follow from results.

    The reason stays beside the score. A judge's score is never a proof: run `ToolUseFilter` first, and `ReplayedCallsFilter` where the functions can
    be run.
    """

    covers = ("FuncCallConversationSampleEvaluator",)
    source = "LLM-as-a-judge (Zheng et al. 2023)"
    asks = ("judge function calling conversations with an LLM", "score tool use from 1 to 5", "rate agent trajectories")

    output_score = Output(int, "tool_use_score", description="lowest to highest")
    output_reason = Output(str, "tool_use_reason")

    prompt: PromptTemplate[ToolUseRating] = ToolUsePrompt()
    lowest: int = 1
    highest: int = 5
    characters: int = Field(12_000, ge=1, description="How much of the conversation the model sees.")
    max_tokens: int | None = Field(300, ge=1, description="Longest answer, in tokens.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        said = plain_conversation(read_turns(values["messages"]))
        functions = ", ".join(tool.signature() for tool in read_tools(values["tools"])) or "none"
        prompt = self.prompt.answering(on_scale(ToolUseRating, self.lowest, self.highest))
        return self.columns_of(await self.ask(llm, {"messages": said, "tools": functions}, prompt=prompt))


class ToolCallMatchEvaluator(Evaluate):
    """Compare calls with those that were expected, as data and in any order: the abstract syntax comparison of the Berkeley leaderboard.

    Calls may be JSON, OpenAI's tool_calls, calls as the chat templates of Hermes, Llama, Qwen, Mistral, DeepSeek, Kimi, GLM, MiniMax, gpt-oss and
    others mark them, Python's call syntax or ReAct's. What is expected is [{"function": {"parameter": [values that are right]}}], "" among them where
    the parameter may be left out; or null, where nothing may be called.
    """

    source = "Berkeley Function Calling Leaderboard (Patil et al. 2025): abstract syntax tree evaluation"
    asks = ("compare function calls with the ground truth", "score a model on BFCL", "exact match of tool calls regardless of syntax")

    input_calls = Input(Any, "calls", description="what the model wrote")
    input_expected = Input(Any, "ground_truth", nulls="pass", description="[{function: {parameter: [values]}}]; null where nothing may be called")
    input_tools = Input(Any, "tools", optional=True, nulls="pass", description=ANY_DEFINITIONS)
    output_match = Output(bool, "calls_match")
    output_difference = Output(str, "calls_difference", description="what differs first; empty where nothing does")

    values: Literal["listed", "single"] = Field(
        "listed", description='"listed": each parameter has the list of values that are right. "single": it has the one value that is.'
    )

    def evaluate(self, calls: Any, expected: Any, tools: Any) -> tuple[bool, str]:
        found = difference(calls, expected, tools, listed=self.values == "listed")
        return found is None, found or ""
