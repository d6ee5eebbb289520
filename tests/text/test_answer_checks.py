"""Faults D10 and D12: what is wrong with an answer is found without a language model, and short right answers stay."""

from __future__ import annotations

import pytest

from benchmarks.answer_checks import dropped
from benchmarks.answer_pairs import BAD, GOOD, Pair


def test_d10_the_rules_of_sft_filter_catch_bad_pairs_and_lose_no_good_ones() -> None:
    lost, caught = dropped(GOOD), dropped(BAD)
    assert len({pair.wrong for pair in BAD}) >= 12
    assert len(lost) <= 0.03 * len(GOOD), lost
    assert len(caught) >= 0.9 * len(BAD), [BAD[place] for place in range(len(BAD)) if place not in caught]


@pytest.mark.parametrize("answer", ["Yes.", "No", "144", "Bonjour.", "3/4", "H2O", "42%", "C", "はい", "Да.", "null"])
def test_d10_a_short_right_answer_stays(answer: str) -> None:
    asked = "Which value does JSON have for nothing?" if answer == "null" else "What is the answer to my short question?"
    assert not dropped([Pair(asked, answer)])


WRONG = {
    "a refusal with a curly apostrophe": Pair("Write a note to my aunt.", "I can’t help with that."),
    "fulfil, in British": Pair("Write a note to my aunt.", "I am sorry, but I cannot fulfil this request."),
    "just an AI": Pair("Which song is best?", "I’m just an AI and have no favourites."),
    "the user speaks": Pair("What is tin?", "Tin is a metal.\nUser: and lead?"),
    "an open fence": Pair("Print 1 in Python.", "```python\nprint(1)"),
    "cut in a sentence": Pair("Why is ice slippery?", "Ice is slippery because of a thin film of water. The film forms when the"),
    "the instruction again": Pair("Describe how bees make honey.", "Describe how bees make honey"),
    "another language": Pair("Please tell me how long it takes to learn to swim well.", "Man braucht dafür meistens einige Monate und viel Geduld."),
    "an image that is not there": Pair("What does a lynx look like?", "![lynx](http://example.org/lynx.jpg)"),
    "D12 improved output of one character in quotes": Pair("Improve nothing: what is dew?", '"'),
    "D12 a verdict": Pair("What is dew?", "verdict: better"),
    "D12 remains of JSON": Pair("What is dew?", "}1) Dew is water."),
}


@pytest.mark.parametrize("pair", WRONG.values(), ids=WRONG)
def test_d10_d12_each_kind_of_wrong_answer_is_dropped_with_a_reason(pair: Pair) -> None:
    assert dropped([pair])[0]


RIGHT = {
    "a dialogue that was asked for": Pair("Write a dialogue between a teacher and a student.", "Teacher: Why are you late?\nPupil: My bike broke."),
    "a translation": Pair("Translate to German: I am tired today, but I will come.", "Ich bin heute müde, aber ich werde kommen."),
    "a revision that was asked for": Pair("Improve this sentence: He go home.", "Improved version: He goes home."),
    "JSON that was asked for": Pair("Give me the city of London as JSON.", '{"city": "London"}'),
    "an image that was asked about": Pair("How is an image written in Markdown?", "![text](address.png)"),
    "someone else refuses": Pair("What did the clerk say?", 'He said: "I cannot help you with that today." Then he left.'),
    "about refusals": Pair("How does a language model refuse?", 'It often says: "As an AI, I cannot do that."'),
    "a fence inside a fence": Pair("Show a code block in Markdown.", "````\n```python\nx = 1\n```\n````"),
    "inline code in a line": Pair("What prints 1?", "```print(1)``` prints it."),
    "a list without full stops": Pair("List three colours.", "- red\n- green\n- blue"),
    "code that ends with a bracket": Pair("Write a call.", "```\nf(\n  1,\n)\n```"),
    "half a question as the answer": Pair("Is it hot or cold?", "It is cold."),
    "the question first": Pair("Why do cats purr?", "Why do cats purr? Mostly because they are content, sometimes to calm themselves."),
}


@pytest.mark.parametrize("pair", RIGHT.values(), ids=RIGHT)
def test_d10_what_only_looks_wrong_stays(pair: Pair) -> None:
    assert not dropped([pair])
