"""Which options an answer chooses, in the words of models."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.evaluation.choosing import chosen

CITIES = ["Paris", "London", "Rome", "Berlin"]


@pytest.mark.parametrize("answer", ["C or D", "C and D", "C, D", "C/D", "either C or D", "C; but D is also right"])
def test_of_two_letters_none_is_chosen_also_behind_the_answer_is(answer: str) -> None:
    assert chosen(f"The answer is {answer}.", CITIES) is None
    assert chosen(f"It is hard to say. Answer: {answer}", CITIES) is None


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ("A. A plant", 0),
        ("B. A rock", 1),
        ("B) A rock", 1),
        ("Answer: A. A plant", 0),
        ("The answer is B. A rock has no cells.", 1),
        ("B (a rock)", 1),
        ("B a rock", 1),
        ("B. A rock. A) is wrong, since a plant grows.", 1),
    ],
)
def test_an_option_that_begins_with_a_names_no_second_letter(answer: str, place: int) -> None:
    assert chosen(answer, ["A plant", "A rock", "An animal", "Water"]) == (place,)


@pytest.mark.parametrize(
    "answer", ["I, as a model, cannot say", "The answer is I don't know", "My answer: I cannot say.", "I (the model) cannot", "I - sorry - cannot"]
)
def test_who_speaks_of_itself_chooses_not_the_ninth_of_ten_options(answer: str) -> None:
    digits = [f"digit {digit}" for digit in range(10)]
    assert chosen(answer, digits) is None
    assert chosen("Answer: I", digits) == chosen("I. digit 8", digits) == chosen("The answer is (I).", digits) == (8,)


@pytest.mark.parametrize(
    "answer",
    [
        "Option A is Paris, in France. Option B is London, the capital of the UK. Option C is Rome, in Italy. So it is the capital.",
        "Option A is tempting, but option D says that the river is long.",
        "The answer depends on whether C is larger than D.",
        "The choices are:\nA) Paris\nB) London\nC) Rome\nD) Berlin",
        "A项错误；B项错误。",
        "The answer is vitamin C.",
        "Answer: A city in Italy",
    ],
)
def test_what_is_said_of_an_option_on_the_way_chooses_none(answer: str) -> None:
    assert chosen(answer, CITIES) is None


@pytest.mark.parametrize(
    "answer",
    [
        "<answer>B</answer>",
        "<answer>\nB. London\n</answer>",
        "【答案】B",
        "所以选择B选项。",
        "A错误，B正确，C错误。故选B。",
        "正确答案是选项B：伦敦",
        "答えは「B」です",
        "La respuesta correcta es la B.",
        "La bonne réponse est la B.",
        "La risposta corretta è B.",
        "A resposta correta é a letra B.",
        "Правильный ответ — B.",
        "الإجابة الصحيحة هي B",
        "सही उत्तर B है",
        "Đáp án đúng là B.",
        "Jawaban yang benar adalah B.",
        "The answer is most likely B",
        "The answer could be A. But the rest says otherwise, so $\\boxed{B}$.",
        "I'm going with B.",
        "London is the capital, so B.",
        "✅ **B. London**",
        "London (B)",
        "\\boxed{\\text{London}}",
        "London, since it lies in England.",
        "**B. London**\n\nHere is why:\n- **A. Paris** lies in France.\n- **C. Rome** lies in Italy.\n- **D. Berlin** lies in Germany.",
    ],
)
def test_the_forms_in_which_models_state_a_choice(answer: str) -> None:
    assert chosen(answer, CITIES) == (1,)


@pytest.mark.parametrize(
    ("answer", "places"),
    [
        ("Answer: A (Paris), C (Rome)", (0, 2)),
        ("Answer: A. Paris, C. Rome", (0, 2)),
        ("The correct answers are A) Paris and C) Rome.", (0, 2)),
        ("Answer: Paris, Rome", (0, 2)),
        ("Answers:\nA\nC", (0, 2)),
        ("Answer:\n- A\n- C\n\nThe others are wrong.", (0, 2)),
        ("Both A and C are correct.", (0, 2)),
        ("Les bonnes réponses sont A et C.", (0, 2)),
        ("<answer>A, C</answer>", (0, 2)),
        ("Only A is correct.", (0,)),
        ("Answer: A, not C", (0,)),
        ("Options A and C are cities of the south.", None),
    ],
)
def test_several_options_with_their_contents_on_lines_and_in_other_languages(answer: str, places: tuple[int, ...] | None) -> None:
    assert chosen(answer, CITIES, several=True) == places


@pytest.mark.parametrize(
    ("answer", "options", "place"),
    [
        ("Answer: 1/4", ["$\\frac{1}{2}$", "0.25", "$x^2$"], 1),
        ("So it is \\boxed{\\sqrt{3}}", ["1", "√3", "3"], 1),
        ("Answer: 12", ["12 km", "13 km"], 0),
        ("Answer: 0.5", ["1/2", "50/100"], None),
        ("Answer: 7", ["1/2", "0.25"], None),
        ("Answer: $a$", ["$\\frac{a}{4}$", "$a$", "$4 a$"], 1),
        ("36 - y = 13", ["y - 36 = 13", "36 - y = 13", "36 + y = 13"], 1),
        ("No, it does not.", ["Yes", "No"], 1),
        ("Yes. No, wait.", ["Yes", "No"], None),
    ],
)
def test_a_value_or_a_first_word_chooses_the_only_option_that_says_it(answer: str, options: list[str], place: int | None) -> None:
    assert chosen(answer, options) == (None if place is None else (place,))


@given(
    st.integers(0, 3),
    st.sampled_from(["{}", "{}.", "({})", "**{}**", "Answer: {}", "answer is ({}).", "\\boxed{{{}}}", "{}) ", "答案：{}", "[[{}]]"]),
)
def test_the_same_form_chooses_each_letter_alike(place: int, form: str) -> None:
    letter = "ABCD"[place]
    for content in ("", f". {CITIES[place]}", f" ({CITIES[place]})", f") {CITIES[place]}"):
        assert chosen("Let us think.\n\n" + form.format(letter + content), CITIES) == (place,)
