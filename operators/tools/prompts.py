"""What generators of tasks, functions and conversations with functions ask language models, and the shapes of the answers."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate
from operators.bases.ratings import Rating
from operators.tools import examples

# Scenarios and tasks

LONGEST_SCENARIO: Final = 120
LONGEST_TASK: Final = 260
"""In characters. What is as long and has no end was cut off."""


class Scenario(BaseModel):
    scenario: str = Field(min_length=8, max_length=LONGEST_SCENARIO, description="who wants what done")


class ScenarioFromConversationPrompt(PromptTemplate[Scenario]):
    system = "You name the situation of everyday life or work that a conversation belongs to. You leave out names, numbers and other details."
    user = "Conversation:\n{{ conversation | shorten(characters) }}\n\nWhich situation is this? Say it in at most {{ max_words }} words."


class SimilarScenarioPrompt(PromptTemplate[Scenario]):
    system = "You invent situations in which people ask a digital assistant to do something for them. Each is realistic, and about something else."
    user = (
        "A situation: {{ scenario }}\n"
        "{% for one in others %}Another: {{ one }}\n"
        "{% endfor %}\n"
        "Name one more, of another place, trade or purpose, in which an assistant with functions could help. Use at most {{ max_words }} words, no "
        "names and no numbers."
    )


class AtomicTask(BaseModel):
    task: str = Field(min_length=20, max_length=LONGEST_TASK, description="the request, in the words of the person, one or two sentences")


class AtomicTaskPrompt(PromptTemplate[AtomicTask]):
    system = (
        "You write requests that people make to a digital assistant, in their own words. A request can be met in one "
        "step, by looking something up or by changing something once. The person knows the details that are needed, and "
        "says them: names, numbers, dates. It names no function and no app, and leaves no blanks."
    )
    user = (
        "Situation: {{ scenario }}\n"
        "Details to choose from, where they fit: {{ details | join(', ') }}\n\n"
        "Write one request of a person in it, at most {{ max_words }} words."
    )
    examples = examples.REQUESTS


class FollowUp(BaseModel):
    follow_up: str = Field(min_length=20, max_length=LONGEST_TASK, description="the second request, as the person says it to the assistant")


class SequentialTasks(FollowUp):
    task: str = Field(min_length=30, max_length=500, description="both in one request, with all their details")


class SequentialTasksPrompt(PromptTemplate[SequentialTasks]):
    system = (
        "You write requests that people make to a digital assistant. To a first request you add a second one of the "
        "same person, that can only be met with what the first gave, such as a booking of what was "
        "found.{% if whole == 'written' %} Then you write both as one request, and keep every name, number and "
        "date.{% endif %} The second request is another one than the first: it says what comes next, and repeats little."
    )
    user = "Situation: {{ scenario }}\nFirst request: {{ task }}\nIt has been met. What the same person wants next: {{ next }}.\nThe second request:"
    examples = examples.FOLLOW_UPS


class ParallelFollowUp(BaseModel):
    parallel: str = Field(min_length=20, max_length=LONGEST_TASK, description="the second request, as the person says it to the assistant")
    follow_up: str = Field(min_length=20, max_length=LONGEST_TASK, description="the third request, as the person says it to the assistant")


class ParallelTasks(ParallelFollowUp):
    task: str = Field(min_length=40, max_length=700, description="all three in one request, with all their details")


class ParallelTasksPrompt(PromptTemplate[ParallelTasks]):
    system = (
        "You write requests that people make to a digital assistant. To a first request you add a second one that can "
        "be met at the same time and does not need the first, and a third that needs what both gave, such as comparing "
        "or combining it.{% if whole == 'written' %} Then you write all of them as one request, and keep every name, "
        "number and date.{% endif %}"
    )
    user = "Situation: {{ scenario }}\nFirst request: {{ task }}\nSecond and third request, of the person to the assistant, with names and numbers:"


class CompositionVerdict(BaseModel):
    reason: str = Field(max_length=200, description="one short sentence")
    keep: bool = Field(description="true where the parts, done in order, are all that the whole request asks for")


class CompositionPrompt(PromptTemplate[CompositionVerdict]):
    system = (
        "You check whether a request was taken apart well: doing the parts, in their order, does what the whole asks, nothing more and nothing less."
    )
    user = "Whole request: {{ task }}\n{% for part in sub_tasks %}Part {{ loop.index }}: {{ part }}\n{% endfor %}"


# Functions

ParameterType = Literal["string", "integer", "number", "boolean"]


class ParameterDraft(BaseModel):
    name: str = Field(min_length=1, max_length=30, description="lower case, words joined by _")
    type: ParameterType
    description: str = Field(min_length=3, max_length=120)
    value: str = Field(max_length=80, description="as the request says it, else empty")
    required: bool


class FunctionDraft(BaseModel):
    name: str = Field(min_length=3, max_length=40, description="a verb and a noun in lower case, joined by _")
    description: str = Field(min_length=8, max_length=200, description="what it does and what it returns")
    parameters: list[ParameterDraft] = Field(max_length=5)


class FunctionDrafts(BaseModel):
    functions: list[FunctionDraft] = Field(min_length=1, max_length=3)


class FunctionsPrompt(PromptTemplate[FunctionDrafts]):
    system = (
        "You design the functions that a digital assistant calls to meet requests. They are general and would serve many people: what the "
        "request names, such as names, numbers and dates, are parameters and no part of a description. What nobody can know is no parameter. One "
        "function does one thing."
    )
    user = (
        "{% for request in before %}Request before, which is met: {{ request }}\n{% endfor %}"
        "{% if known %}Functions there are, which need not be defined again (where none is missing, give one of these):\n{{ known }}\n{% endif %}"
        "Request to be met now: {{ part }}"
    )
    examples = examples.FUNCTIONS


class ImplementationPrompt(PromptTemplate[str]):
    system = (
        "You implement functions in Python, so that an assistant can be tried out with them. `db` is an open sqlite3 "
        "connection in memory, and `json` is "
        'imported. Begin with db.execute("CREATE TABLE ...") and five rows of sample data, among them all that the requests ask about. Then '
        "define each function with exactly the given names and parameters. A function reads and changes only `db`, "
        "returns a dict of plain values, and raises ValueError with a sentence where something is not there. No "
        "classes, files, network, clock or random numbers, and no calls of the functions. Answer with one Python code "
        "block."
    )
    user = (
        "{% for part in sub_tasks %}Request {{ loop.index }}: {{ part }}\n"
        "{% endfor %}"
        "{% if examples %}With your sample data these calls have to find what they ask for:\n"
        "{% for call in examples %}{{ call }}\n"
        "{% endfor %}{% endif %}\n"
        "```python\n"
        "{{ stubs }}\n"
        "```\n\n{% if fault %}You wrote:\n"
        "```python\n"
        "{{ module }}\n"
        "```\nIt does not run: {{ fault }}\n"
        "\n{% endif %}Write the whole module."
    )
    examples = examples.MODULES


# Agents


class UserTurnPrompt(PromptTemplate[str]):
    system = (
        "You play a person who writes to an assistant. You say what you want in your own words, in one or two "
        "sentences, and keep every name, number and date. You answer with the message alone."
    )
    user = "{% if said %}So far:\n{{ said }}\n\n{% endif %}What you want now: {{ want }}\n\nWrite your next message."


class ChooseFunctionsPrompt(PromptTemplate[str]):
    system = (
        "You are an assistant that does what a user asks by calling functions, and never invents what a function would "
        "return.\n"
        "Functions:\n"
        "{{ functions }}"
    )
    user = (
        "{{ said }}\n"
        "\nWhich functions do you call next? Name several only where none needs what another returns; name none where "
        "all that was asked for is known or done."
    )


class ArgumentsPrompt(PromptTemplate[str]):
    system = "You are an assistant that calls functions. You take arguments from the conversation alone, as they were said, and invent none."
    user = "{{ said }}\n\nCall {{ function }}. What are its arguments?"


class ToolAnswerPrompt(PromptTemplate[str]):
    system = (
        "You are an assistant that has looked up or done what a user asked for. You tell the user what came of it, in one to "
        "three plain sentences, with the names and numbers that were returned. You say nothing that was not returned, "
        "name no function, and show no code."
    )
    user = "{{ said }}\n{% for result in results %}Returned: {{ result }}\n{% endfor %}\nAnswer the user."
    examples = examples.ANSWERS


# Judging


class ToolUseRating(Rating):
    score: int


class ToolUsePrompt(PromptTemplate[ToolUseRating]):
    system = (
        "You judge how an assistant used its functions. Were the calls needed, the right ones, with the right "
        "arguments, in the right order? Do the answers say what the functions returned, and was all done that the user "
        "asked for? {{ lowest }} is useless, {{ highest }} without fault. Be strict."
    )
    user = "Functions: {{ tools }}\n\n{{ messages | shorten(characters) }}"
