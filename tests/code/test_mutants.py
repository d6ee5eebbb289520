"""Mutants: one change each, valid, the same for the same seed, and such that tests can tell most of them from the program."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators import MemoryStorage
from operators.code.mutants import mutants_of
from operators.code.mutants.generator import MutantGenerator

CLAMPED_SUM = '''
import math

def clamped_sum(numbers: list[int], most: int = 100) -> int:
    """The sum of the positive numbers, at most `most`."""
    total = 0
    for place in range(len(numbers)):
        if numbers[place] > 0 and total < most:
            total += numbers[place]
    return min(total, most)

if __name__ == "__main__":
    print(clamped_sum([1, 2]))
'''


def test_every_mutant_is_a_program_that_differs_from_the_first_and_from_every_other() -> None:
    made = mutants_of(CLAMPED_SUM)
    sources = [mutant.source for mutant in made]
    assert len(set(sources)) == len(sources) >= 15
    assert ast.unparse(ast.parse(CLAMPED_SUM)) not in sources
    for mutant in made:
        compile(mutant.source, "mutant", "exec")


def test_all_kinds_are_made_and_tell_their_line() -> None:
    kinds = {mutant.kind for mutant in mutants_of(CLAMPED_SUM + "\ndef off(a, n):\n    return a[n] - a[1:n][0]\n")}
    assert kinds == {"arithmetic", "comparison", "condition", "constant", "off_by_one", "return", "statement"}
    lines = CLAMPED_SUM.splitlines()
    left_out = next(mutant for mutant in mutants_of(CLAMPED_SUM) if mutant.change.endswith("-> pass"))
    assert lines[left_out.line - 1].strip() == "total += numbers[place]"


def test_what_computes_nothing_is_left_alone() -> None:
    assert mutants_of('"""A docstring."""\nimport os\nx: int\n\nif __name__ == "__main__":\n    print(1 + 1)\n') == []
    assert all('"""The sum of the positive numbers' in mutant.source and "list[int]" in mutant.source for mutant in mutants_of(CLAMPED_SUM))


@given(st.integers(1, 12), st.integers(0, 1000))
@settings(deadline=None)
def test_a_draw_depends_on_the_seed_alone_and_is_in_the_order_of_the_program(most: int, seed: int) -> None:
    drawn = mutants_of(CLAMPED_SUM, most, seed)
    assert drawn == mutants_of(CLAMPED_SUM, most, seed)
    every = [mutant.source for mutant in mutants_of(CLAMPED_SUM)]
    places = [every.index(mutant.source) for mutant in drawn]
    assert len(drawn) == most
    assert places == sorted(places)


def test_each_line_has_a_mutant_before_any_has_two() -> None:
    lines = [mutant.line for mutant in mutants_of("a = 1 + 2 + 3 + 4\nb = 1 + 2 + 3\nc = 5\nd = 6\n", 4, seed=7)]
    assert sorted(lines) == [1, 2, 3, 4]


def test_most_mutants_do_something_else() -> None:
    """The others do what the program does, and no test can tell them: a bound that is never reached."""
    inputs = [[], [5], [-5], [1, 2, 3], [60, 60, 60], [-1, 1], [100], [99, 1, 1], [0, 1]]

    def behaviour(source: str) -> list[object]:
        names: dict[str, object] = {"__name__": "tested"}
        exec(source, names)
        answers: list[object] = []
        for numbers in inputs:
            try:
                answers.append(names["clamped_sum"](list(numbers)))  # type: ignore[operator]
            except IndexError as error:
                answers.append(repr(error))
        return answers

    right = behaviour(CLAMPED_SUM)
    made = mutants_of(CLAMPED_SUM)
    killed = [mutant for mutant in made if behaviour(mutant.source) != right]
    assert len(killed) >= 0.7 * len(made)


@pytest.mark.parametrize("source", ["def broken(:\n", "a = " + "(" * 5000, "\0", "print 'two'"])
def test_what_is_no_program_is_refused_as_such(source: str) -> None:
    with pytest.raises(SyntaxError):
        mutants_of(source)


def test_rows_of_mutants_name_their_program() -> None:
    kept = MemoryStorage()
    report = MutantGenerator(mutants=3, max_failed=1).run([{"code": "def double(n):\n    return n * 2\n"}, {"code": "no program ("}], into=kept)
    rows = kept.read().to_pylist()
    assert {row["mutant_kind"] for row in rows} <= {"arithmetic", "constant", "return"}
    assert len(rows) == 3
    assert len({tuple(row["parent_ids"]) for row in rows}) == 1
    assert report.rows_in == 2
