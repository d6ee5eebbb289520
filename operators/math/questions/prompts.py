"""What models are asked about questions. Read like prose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate

Subject: TypeAlias = Literal["mathematics", "any"]

STEPS: Final[Mapping[str, str]] = {
    "one_question": "It is a single question and nothing else: no second task, no instruction about something else, and its answer is not in it.",
    "language": "Language and notation are right: spelling, grammar, symbols and LaTeX can be read in one way, and nothing is cut off.",
    "conditions": "Each condition alone makes sense: quantities have values that they can have, and every fact that it takes for true is true.",
    "consistent": "The conditions do not contradict each other, nor does anything that follows from them.",
    "enough": "There are enough conditions: nothing that is needed has to be guessed, so that there is one answer.",
    "solvable": "It can be solved: by somebody who knows the field, with the means that the question allows, to a definite answer.",
}
"""The steps of a check in their order, of which a later one has a meaning only where all before it hold. After MathQ-Verify (Shen et al. 2025)."""


class StepVerdict(BaseModel):
    reason: str = Field(max_length=300, description="one sentence about this question: what holds, or what does not")
    holds: bool


class StepPrompt(PromptTemplate[StepVerdict]):
    """One step of the check of a question."""

    system = (
        "You check questions of {{ subject }} before they are used for teaching. You do not answer them. You check one thing at a time and say "
        "what you found in this question; small flaws of style do not count."
    )
    user = "Question:\n{{ question | shorten(6000) }}\n\nCheck this alone: {{ step }}\nDoes it hold?"


class FirstFault(BaseModel):
    reason: str = Field(max_length=400, description="what you found, step by step, in few words")
    failed_step: int = Field(ge=0, description="number of the first step that does not hold; 0 where all hold")


class StepsPrompt(PromptTemplate[FirstFault]):
    """All steps with one question to the model."""

    system = (
        "You check questions of {{ subject }} before they are used for teaching. You do not answer them. You go through the steps in their order "
        "and stop at the first that does not hold; small flaws of style do not count."
    )
    user = (
        "Question:\n{{ question | shorten(6000) }}\n\nThe steps:\n{% for step in steps %}{{ loop.index }}. {{ step }}\n{% endfor %}\n"
        "Which is the first step that does not hold? 0 where all hold."
    )


class Solvability(BaseModel):
    reason: str = Field(max_length=400, description="one or two sentences: what makes it solvable, or what stands in the way")
    solvable: bool


class SolvabilityPrompt(PromptTemplate[Solvability]):
    system = (
        "You decide whether a problem can be solved as it is written: it is clear what is asked, its notation has one meaning, nothing that is "
        "needed is missing, and the conditions allow an answer. How hard it is does not matter."
    )
    user = "Problem:\n{{ question | shorten(6000) }}\n\nCan it be solved as it stands? Give the reason first."


STRATEGIES: Final[Mapping[str, str]] = {
    "numbers": "Change the numbers, and what has to change with them so that the result stays sensible.",
    "asked": "Ask for another quantity: give what was asked for, and ask for something that was given.",
    "setting": "Tell it in another setting of real life, with other people and things.",
    "condition": "Add a condition that makes one more step of reasoning necessary.",
    "cases": "Change it so that two or three cases have to be told apart.",
    "general": "Replace a special number or figure by a parameter, and ask for the answer in terms of it.",
    "constraint": "Restrict what may be used or where the answer may lie, so that the first idea no longer works.",
}
"""How a new question may be made from an old one."""


class NewQuestion(BaseModel):
    plan: str = Field(max_length=300, description="one sentence: what you change and why it can still be solved")
    question: str = Field(min_length=1, description="the new question, complete, without its answer")


class SynthesisPrompt(PromptTemplate[NewQuestion]):
    system = (
        "You write problems of {{ subject }}. From a given problem you make a new one that can be understood without the old one, has exactly one "
        "answer, and is in the language of the old one. You do not solve it, and do not write its answer."
    )
    user = (
        "The problem:\n{{ question | shorten(4000) }}\n\nMake a new problem of it. Do all of this:\n"
        "{% for change in changes %}- {{ change }}\n{% endfor %}\nSay in one sentence what you change, then write the new problem."
    )


FUSIONS: Final[Mapping[str, str]] = {
    "sequential": "One after the other: the answer of the first is a quantity that the second needs, so that they have to be solved in this order.",
    "parallel": "Side by side: one new problem that needs the idea of the first and the idea of the second together; neither alone is enough.",
    "conditional": "By a condition: the answers of both are compared or tested, and what is asked for depends on the outcome.",
}
"""How two problems may become one. After MathFusion (Pei et al. 2025)."""


class FusionPrompt(PromptTemplate[NewQuestion]):
    system = (
        "You join two problems of mathematics into a new one that can be understood without them, has exactly one answer, and uses the "
        "mathematics of both. You do not solve it, and do not write its answer."
    )
    user = (
        "First problem:\n{{ question | shorten(3000) }}\n\nSecond problem:\n{{ other | shorten(3000) }}\n\nJoin them in this way. {{ way }}\n"
        "Say in one sentence how they hang together, then write the new problem."
    )


class Difficulty(BaseModel):
    reason: str = Field(max_length=400, description="which anchored examples it lies between, and why")
    difficulty: float = Field(ge=1, le=10, multiple_of=0.5, description="1 to 10 in steps of 0.5")


ANCHORS: Final[Mapping[int, str]] = {
    1: "A shirt costs 12 euros and a hat 7 euros. What do two shirts and a hat cost together?",
    2: "The sum of three consecutive even numbers is 78. What is the largest of them?",
    3: "A line through (1, 2) is perpendicular to y = 3x - 4. Where does it meet the x-axis?",
    4: "How many four-digit numbers have digits that strictly increase from left to right?",
    5: "The roots of x^3 - 6x^2 + 11x + k are in arithmetic progression. Find k.",
    6: "Three fair dice are thrown until their sum is prime. Find the expected number of throws, as a fraction in lowest terms.",
    7: "In a triangle with sides 13, 14, 15 a circle through its incentre touches the longest side at its midpoint. Find the circle's radius.",
    8: "Find all functions f from the reals to the reals with f(x + f(y)) = f(x) + y f(1) for all x and y.",
    9: "Prove that for every n there are n consecutive whole numbers of which none is a sum of two squares.",
    10: "Show that every set of 2n - 1 integers has n whose sum is divisible by n, and describe all sets of 2n - 2 integers that have none.",
}
"""A problem of each level, of our own."""


class DifficultyPrompt(PromptTemplate[Difficulty]):
    """The anchored examples stand in the system message, which is the same for every row: a server that keeps prefixes reads them once."""

    system = (
        "You rate how hard problems of mathematics are, on a scale from 1 to 10 in steps of 0.5: 1 to 2 primary school, 3 to 4 secondary school, "
        "5 to 6 national competitions, 7 to 8 hard competitions, 9 to 10 the hardest problems of international olympiads. Examples:\n"
        + "".join(f"{level}: {problem}\n" for level, problem in ANCHORS.items())
    )
    user = "Problem:\n{{ question | shorten(6000) }}\n\nHow hard is it? Name the examples that it lies between, then give the number."


class Category(BaseModel):
    reason: str = Field(max_length=200, description="one sentence: what the solution needs")
    category: str = Field(description='the number of the class, such as "2.3"')


class CategoryPrompt(PromptTemplate[Category]):
    """One class of a taxonomy, by its number."""

    system = (
        "You sort problems into a list of classes, each into the one class that fits best: the mathematics that the solution needs, not the setting."
    )
    user = (
        "The classes:\n{% for class in classes %}{{ class }}\n{% endfor %}\nThe problem:\n{{ question | shorten(6000) }}\n\n"
        "Say in one sentence what its solution needs, then give the number of its class."
    )
