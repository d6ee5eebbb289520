"""Tasks for an assistant with functions: single ones, and those that are composed of several."""

from __future__ import annotations

import re
from typing import Any, Final, Literal, TypeAlias

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.unfinished import stops_short
from operators.bases.unfit_turns import no_message_of_a_person
from operators.core.kinds import Filter
from operators.core.llm import AsksLLM, LLMGenerate
from operators.tables.columns import Input, Output
from operators.tools.details import details_of, next_of
from operators.tools.prompts import (
    LONGEST_TASK,
    AtomicTask,
    AtomicTaskPrompt,
    CompositionPrompt,
    CompositionVerdict,
    FollowUp,
    ParallelFollowUp,
    ParallelTasks,
    ParallelTasksPrompt,
    SequentialTasks,
    SequentialTasksPrompt,
)
from operators.tools.wording import LENIENCE, asks_the_person, blank, has_detail, lost_detail, overlap, share_kept

_SPEAKS_OF_REQUESTS: Final = re.compile(
    r"\W*(?:the|a|my|this|here is|write) (?:\w+ ){0,3}(?:request|task)\b(?! (?:of|to|for) (?:\w+ )?\d)", re.IGNORECASE
)

Form = Literal["sequential", "parallel_then_sequential"]
Whole = Literal["written", "joined"]
Parts: TypeAlias = FollowUp | ParallelFollowUp


class AtomicTaskGenerator(LLMGenerate):
    """Write a request that can be met in one step, with all details that this needs, in the words of a person who is in the scenario.

    Names, days and numbers that it may use are drawn by the seed and the scenario, so that not every row has the same ones.
    """

    covers = ("AtomTaskGenerator",)
    source = "BUTTON (Chen et al. 2024)"
    asks = ("write single step tasks for an agent", "concrete user requests for a scenario", "atomic tasks for tool use data")

    prompt_variables = ("details",)

    input_scenario = Input(str)
    output_task = Output(str, "atomic_task")

    prompt: PromptTemplate[AtomicTask] = AtomicTaskPrompt()
    max_words: int = Field(40, ge=5, description="About how long a task may be, in words, as the model is told; half as many more pass.")
    detailed: bool = Field(True, description="Whether a task has to name something: a number, a name, a date.")
    seed: int | None = Field(0, description="Of the draw of details, and given to the server.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely answers are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(150, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> str:
        def check(answer: AtomicTask) -> str | None:
            vague = self.detailed and not has_detail(answer.task)
            return task_fault(answer.task, self.max_words) or ("it has no detail: give names, numbers or dates" if vague else None)

        details = details_of(self.seed or 0, values["scenario"])
        return str((await self.ask(llm, {**values, "details": details}, check=check)).task).strip()


def task_fault(task: str, max_words: int) -> str | None:
    """What is wrong with a task, in words for the model."""
    if (words := len(task.split())) > LENIENCE * max_words:
        return f"it has {words} words, and at most {max_words} are wanted"
    if left := blank(task):
        return f'"{left}" is left blank: write a real name, number or date'
    if "()" in task:
        return "it names a function"
    if _SPEAKS_OF_REQUESTS.match(task):
        return "it speaks of a request: write the words of the person"
    if said := asks_the_person(task):
        return f'"{said}" is what an assistant says: write what the person asks the assistant to do'
    return no_message_of_a_person(task) or stops_short(task, LONGEST_TASK)


class ComposedTaskGenerator(LLMGenerate):
    """Add to a task what follows from it, and write all of it as one.

    "sequential": a second task that needs what the first gives; what kind of task is drawn by the seed and the first. "parallel_then_sequential": a
    second one that does not need the first, and a third that needs both. The parts stand in `sub_tasks`, in their order; the whole, with every number
    and quoted name of the parts, in `task`. The model writes the whole too, or, with `whole="joined"`, the parts follow each other: enough for a
    model that loses details. All of it is one JSON answer of a stated shape: nothing is searched for in lines, and a row without a whole answer is
    set aside.
    """

    covers = ("SequentialTaskGenerator", "ParaSeqTaskGenerator")
    source = "BUTTON (Chen et al. 2024)"
    asks = ("chain tasks that depend on each other", "multi step tasks for agents", "combine parallel and sequential subtasks into one request")

    prompt_variables = ("next",)

    input_task = Input(str, "atomic_task")
    input_scenario = Input(str, optional=True, nulls="pass")
    output_task = Output(str, "task")
    output_sub_tasks = Output(list[str], "sub_tasks")

    form: Form = "sequential"
    whole: Whole = "written"
    prompt: PromptTemplate[SequentialTasks] = SequentialTasksPrompt()
    parallel_prompt: PromptTemplate[ParallelTasks] = ParallelTasksPrompt()
    max_words: int = Field(60, ge=10, description="Longest part, in words; the whole may have as many for each part.")
    max_overlap: float = Field(0.8, gt=0, le=1, description="Telling words that two parts may have in common, over those of either.")
    min_share: float = Field(0.4, ge=0, le=1, description="Of the telling words of each part, the share that the whole has to have.")
    seed: int | None = Field(0, description="Of the draw of what is wanted next, and given to the server.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely answers are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(400, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        task = values["task"].strip()
        given = {"task": task, "scenario": values["scenario"] or "everyday life", "next": next_of(self.seed or 0, task)}

        def check(answer: Parts) -> str | None:
            parts = _parts(given["task"], answer)
            if fault := next((fault for part in parts[1:] if (fault := task_fault(part, self.max_words))), None):
                return fault
            repeated = next((part for place, part in enumerate(parts) for other in parts[:place] if overlap(part, other) > self.max_overlap), None)
            if repeated is not None:
                return f'"{repeated[:80]}" asks for the same again'
            whole = _whole(answer, parts)
            return task_fault(whole, self.max_words * len(parts)) or composition_fault(whole, parts, self.min_share)

        answer = await self.ask(llm, given, prompt=self._question(), check=check)
        parts = _parts(given["task"], answer)
        return {"task": _whole(answer, parts), "sub_tasks": parts}

    def _question(self) -> PromptTemplate[Any]:
        asked: PromptTemplate[Any] = self.prompt if self.form == "sequential" else self.parallel_prompt
        if self.whole == "written":
            return asked
        return asked.answering(FollowUp if self.form == "sequential" else ParallelFollowUp)


def _parts(first: str, answer: Parts) -> list[str]:
    return [first, *([answer.parallel.strip()] if isinstance(answer, ParallelFollowUp) else []), answer.follow_up.strip()]


def _whole(answer: Parts, parts: list[str]) -> str:
    return answer.task.strip() if isinstance(answer, SequentialTasks | ParallelTasks) else " ".join(parts)


def composition_fault(task: str, parts: list[str], min_share: float) -> str | None:
    """Why a whole cannot be made of these parts, by the look of it: a detail of a part is lost, or hardly a word of it is left."""
    for number, part in enumerate(parts, 1):
        if lost := lost_detail(part, task):
            return f'"{lost}" of part {number} is not in the whole request'
        if (share := share_kept(part, task)) < min_share:
            return f"the whole request has {share:.0%} of the words of part {number}, below {min_share:.0%}"
    return None


class ComposedTaskFilter(Filter, AsksLLM):
    """Keep composed tasks that their parts make up. What can be seen without a model is looked at first: details and words of every part.

    Then a model is asked whether the parts are all that the whole asks for. A row for which it gives no valid answer is set aside as failed, and not
    counted as a no.
    """

    covers = ("CompositionTaskFilter",)
    source = "BUTTON (Chen et al. 2024)"
    asks = ("check that subtasks add up to the task", "drop badly composed tasks", "is the decomposition complete")

    input_task = Input(str)
    input_sub_tasks = Input(list[str])

    prompt: PromptTemplate[CompositionVerdict] = CompositionPrompt()
    min_share: float = Field(0.4, ge=0, le=1, description="Of the telling words of each part, the share that the whole has to have.")
    ask_model: bool = Field(True, description="Whether a model is asked too.")
    max_tokens: int | None = Field(120, ge=1, description="Longest answer, in tokens.")

    async def keep(self, llm: LLMSession, task: str, sub_tasks: list[str]) -> tuple[bool, str | None]:
        parts = [part for part in sub_tasks if part and part.strip()]
        if len(parts) < 2 or len(parts) < len(sub_tasks):
            return False, f"it has {len(parts)} parts of {len(sub_tasks)}: two or more are wanted, and none that is empty"
        if fault := composition_fault(task, parts, self.min_share):
            return False, fault
        if not self.ask_model:
            return True, None
        verdict = await self.ask(llm, {"task": task, "sub_tasks": parts})
        return verdict.keep, verdict.reason
