"""The program in an answer of a data set."""

from __future__ import annotations

from pydantic import Field

from operators.bases.replies import program_of
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output


class ProgramFromReply(Generate):
    """Take the program out of an answer: the longest of its code blocks in the language, else the longest of all; the whole answer where nothing is
    fenced. What was thought before (<think>) does not count, nor a block without a language behind one that names it: it is what the program prints.
    The answer itself stays."""

    source = "CommonMark: fenced code blocks"
    asks = ("extract code from markdown answers", "strip explanations around a code block", "get the program out of a chat reply")

    input_output = Input(str)
    output_code = Output(str)

    tags: tuple[str, ...] = Field(("", "python", "py", "python3"), min_length=1, description="What the fences of the language say, in lower case.")

    def generate(self, output: str) -> str:
        return program_of(output, frozenset(self.tags))
