"""Conversations proven by making their calls again."""

from __future__ import annotations

from typing import Any

from operators.bases.exact_json import parsed_json
from operators.bases.messages.reading import read_turns
from operators.bases.messages.turns import NotMessages
from operators.core.kinds import Filter
from operators.core.runs_programs import RunsPrograms
from operators.sandboxes import SandboxSession
from operators.tables.columns import Input
from operators.tools.arguments import call_fault
from operators.tools.calls import NotCalls, call_of
from operators.tools.columns import ReadsToolMessages
from operators.tools.definitions import NotTools, read_tools
from operators.tools.execution import NotLoaded, program_of, results_of
from operators.tools.made_calls import made_calls, parsed_result


class ReplayedCallsFilter(ReadsToolMessages, Filter, RunsPrograms):
    """Keep conversations whose calls, made again in a sandbox, return what the conversation says that they returned.

    The functions are those of the Python module in `implementation`. Each call has to fit its schema too, so that of what is kept every call is valid
    and was executed.
    """

    source = "tau-bench (Yao et al. 2024): the outcome of calls, not the words about them"
    asks = ("prove that tool results are real", "re-execute recorded function calls", "drop conversations with invented tool outputs")

    input_implementation = Input(str, "implementation", description="the Python module that defines the functions")

    async def keep(self, sandbox: SandboxSession, messages: Any, tools: Any, implementation: str) -> tuple[bool, str | None]:
        try:
            made = made_calls(read_turns(messages))
            calls = [call_of(one.call) for one in made]
            defined = read_tools(tools)
        except (NotMessages, NotCalls, NotTools) as error:
            return False, str(error)
        if not calls:
            return False, "it has no calls"
        for one, call in zip(made, calls, strict=True):
            if fault := call_fault(call, defined):
                return False, f"turn {one.turn}: {fault}"
        try:
            results = results_of(await sandbox.run(program_of(implementation, calls, self.limits())), calls)
        except NotLoaded as error:
            return False, f"the functions do not run: {error}"
        for one, call, result in zip(made, calls, results, strict=True):
            value = parsed_json(result.text)
            if one.result is None or (parsed_result(one.result) != value and one.result != value):
                return False, f"turn {one.turn}: {call.name} returns {result.text[:80]}, and the conversation says {str(one.result)[:80]}"
        return True, None
