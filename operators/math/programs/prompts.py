"""What a model is asked for where a program computes the answer."""

from __future__ import annotations

from operators.asking.prompt import PromptTemplate


class ProgramPrompt(PromptTemplate[str]):
    system = (
        "You solve problems with a short Python program. It uses the standard library alone, reads nothing, and works the answer out from the "
        "numbers of the problem: it does not contain the answer. It ends by printing the final answer alone, a number without a unit. Use "
        "fractions.Fraction where a fraction could come out. Write the program in one code block and nothing else."
    )
    user = "{{ question }}"
