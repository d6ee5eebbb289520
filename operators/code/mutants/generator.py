"""Broken programs as rows."""

from __future__ import annotations

from pydantic import Field

from operators.code.mutants.mutants import mutants_of
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed

MOST_CHARACTERS = 20_000


class MutantGenerator(Generate):
    """Make programs with one fault each of a right one in Python: a new row for each, with what was changed.

    Whether a mutant behaves differently, only tests can tell: run them and keep those that fail.
    """

    source = "Mutation analysis (DeMillo, Lipton and Sayward 1978)"
    asks = ("inject bugs into working functions", "make broken variants of programs", "wrong solutions for bug fixing data")
    adds_rows = True

    input_code = Input(str)
    output_mutant = Output(str, description="the program with one change")
    output_kind = Output(str, "mutant_kind", description="arithmetic, comparison, condition, constant, off_by_one, return or statement")
    output_change = Output(str, "mutant_change", description="the changed line, before and after")

    mutants: int = Field(5, ge=1, le=1000, description="At most so many of each program.")
    seed: int = 0

    def generate(self, code: str) -> list[dict[str, str]]:
        if len(code) > MOST_CHARACTERS:
            raise RowFailed(f"the program has more than {MOST_CHARACTERS:,} characters: each mutant is written and compared whole")
        try:
            made = mutants_of(code, self.mutants, self.seed)
        except SyntaxError as error:
            raise RowFailed(f"not a Python program: {error.msg}") from error
        return [{"mutant": mutant.source, "kind": mutant.kind, "change": mutant.change} for mutant in made]
