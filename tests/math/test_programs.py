"""Answers that programs compute in a real sandbox, and what agrees with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from operators.asking.requests import Request
from operators.math.programs.agreement import ProgramAgreementEvaluator, ProgramAgreementFilter
from operators.math.programs.answers import ProgramAnswersGenerator, program_in
from operators.sandboxes import Sandbox, SandboxUnavailable
from tests.math.asking import ask, in_turn, run

QUESTION = [{"question": "How much is 3 + 4?"}]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    from resources.sandbox import open_sandbox

    try:
        yield open_sandbox()
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))


@pytest.mark.parametrize(
    ("written", "answer", "fault"),
    [
        ("```python\nprint(3 + 4)\n```", "7", None),
        ("Here it is:\n```python\nfrom fractions import Fraction\nprint('working')\nprint(Fraction(21, 3))\n```\nDone.", "7", None),
        ("```\nprint('Answer:', 3.5 * 2)\n```", "7.0", None),
        ("```python\nprint(7)\n```", None, "it computes nothing"),
        ("```python\n# 3 + 4 is 7\nanswer = 7\nprint(f'The answer is: {int(answer)}')\n```", None, "it computes nothing"),
        ("```python\nprint(3 * 19.99)\n```", "59.97", None),
        ("```python\nprint(1 / 3)\n```", "0.3333333333333333", None),
        ("```python\nprint(f'{6 // 2}:{8 // 2}')\n```", None, "it prints no number: 3:4"),
        ("```python\nprint(f'It ends at {5 + 2}:30')\n```", None, "it prints no number"),
        ("```python\nprint('seven apples, ' + 'I think')\n```", None, "it prints no number"),
        ("```python\nprint(1 / 0)\n```", None, "failed"),
        ("```python\nx = 3 + 4\nif x < 0: print(x)\n```", None, "it prints nothing"),
        ("```python\nwage = 300\nbefore, _spare = 200, 1\nprint(420 - before)\n```", None, "it never uses wage"),
        ("```python\ntotal = 0\nfor day in range(2):\n    total += 3\nprint(total)\n```", "6", None),
        ("```python\nwhile True: pass\nprint(7)\n```", None, "timeout"),
        ("```python\nprint(open('/etc/shadow').read())\n```", None, "failed"),
    ],
)
def test_what_a_program_prints_is_its_answer_and_else_it_is_said_why_it_has_none(sandbox: Sandbox, written: str, answer: str, fault: str) -> None:
    kept, _, _ = ask(ProgramAnswersGenerator(max_seconds=2), QUESTION, lambda _: written, sandbox=sandbox)
    assert (kept[0]["program_answer"], kept[0]["program_answers"]) == (answer, [answer])
    said = kept[0]["program_faults"][0]
    assert said is None if fault is None else said.startswith(fault)
    assert kept[0]["programs"][0] == program_in(written)


def test_what_is_left_unused_may_be_allowed(sandbox: Sandbox) -> None:
    kept, _, _ = ask(ProgramAnswersGenerator(all_used=False), QUESTION, lambda _: "```python\nspare = 1\nprint(3 + 4)\n```", sandbox=sandbox)
    assert kept[0]["program_answer"] == "7"


def test_what_is_no_program_is_asked_for_again_with_what_is_wrong(sandbox: Sandbox) -> None:
    answer = in_turn("The answer is 7.", "```python\nx = 7 +\nprint(x)\n```", "```python\nprint(3+4)\n```")
    kept, _, serving = ask(ProgramAnswersGenerator(), QUESTION, answer, sandbox=sandbox)
    assert kept[0]["program_answer"] == "7"
    assert "it is no Python" in str(serving.requests[1].messages[-1].content)
    kept, aside, _ = ask(ProgramAnswersGenerator(), QUESTION, lambda _: "x = 3 + 4", sandbox=sandbox)
    assert "end with print(answer)" in aside[0]["rejected_reason"]


def test_several_programs_are_drawn_and_each_answer_stands_in_its_place(sandbox: Sandbox) -> None:
    def answer(request: Request) -> str:
        return f"```python\nprint(3 + {(4, 4, 5)[request.sample]})\n```"

    kept, _, _ = ask(ProgramAnswersGenerator(samples=3, temperature=0.5), QUESTION, answer, sandbox=sandbox)
    assert kept[0]["program_answers"] == ["7", "7", "8"]


AGREEMENTS: list[tuple[str, list[str | None], str]] = [
    (r"So \boxed{7}.", ["7.0"], "agree"),
    (r"So \boxed{\frac{1}{2}}.", ["0.5", "1/2", "3"], "agree"),
    (r"So \boxed{8}.", ["7"], "disagree"),
    (r"So \boxed{8}.", [None], "no program answer"),
    (r"So \boxed{8}.", ["8", "7"], "programs: tie"),
    ("Nobody can say how that ends, and I cannot either.", ["7"], "no answer"),
    (r"So \boxed{x+1}.", ["7"], "disagree"),
]


@pytest.mark.parametrize(("solution", "programs", "agreement"), AGREEMENTS)
def test_agreement_is_a_column_and_a_filter(solution: str, programs: list[Any], agreement: str) -> None:
    rows = [{"solution": solution, "program_answers": programs}, {"solution": r"\boxed{1}", "program_answers": ["1"]}]
    told, _ = run(ProgramAgreementEvaluator(), rows)
    assert told[0]["program_agreement"] == agreement
    kept, aside = run(ProgramAgreementFilter(), rows)
    assert len(kept) == (2 if agreement == "agree" else 1)
    assert all(row["rejected_reason"].startswith(f"{agreement}: ") for row in aside)
