"""Formats of questions with options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from operators.evaluation.formats.declaration import Format, Reads, Row, needed, text
from operators.evaluation.formats.options import option_name, parted, right_places, without_letters
from operators.evaluation.items import Item


def _item(question: str, options: Sequence[Any], label: Any, first: int, *, several: bool = False, names: Sequence[str] = (), **more: Any) -> Item:
    """`several`: more than one option may be right, also where the label names one. Empty cells behind the last option are none."""
    given = list(options)
    while given and _is_empty(given[-1]):
        given.pop()
    empty = [place for place, option in enumerate(given) if _is_empty(option)]
    if empty:
        raise ValueError(f"its option {option_name(empty[0])} is empty")
    choices = without_letters(given)
    if len(choices) < 2:
        raise ValueError(f"it has {len(choices)} options: a choice needs two")
    right = right_places(label, len(choices), first, names)
    if several or len(right) > 1:
        return Item("multiple_choice", "choices", question, choices=choices, right_choices=right, **more)
    return Item("single_choice", "choice", question, choices=choices, right_choices=right, **more)


def _is_empty(option: Any) -> bool:
    return option is None or not str(option).strip()


def _mmlu(row: Row, first: int) -> Iterator[Item]:
    subject = text(row, "subject") or text(row, "type") or text(row, "category")
    yield _item(needed(row, "question"), row["choices"] or (), row["answer"], first, category=subject)


def _in_columns(row: Row, first: int) -> Iterator[Item]:
    """MMLU, CMMLU and C-Eval as CSV: an option in each of the columns A to D, and to J where they are there."""
    options = [row.get(letter) for letter in "ABCDEFGHIJ"]
    yield _item(needed(row, "question"), options, row["answer"], first, category=text(row, "subject"))


def _openbookqa(row: Row, first: int) -> Iterator[Item]:
    yield _item(needed(row, "Question Stem"), parted(needed(row, "Choices")), row["Answer Key"], first)


def _stem(row: Row, first: int) -> Iterator[Item]:
    """OpenBookQA, ARC and CommonsenseQA as JSON lines: the question is an object with its options."""
    asked = row["question"]
    options = asked["choices"]
    names = [str(option["label"]) for option in options]
    yield _item(asked["stem"], [option["text"] for option in options], row["answerKey"], first, names=names, category=text(row, "category"))


def _labelled_choices(row: Row, first: int) -> Iterator[Item]:
    """ARC and OpenBookQA as the hub has them: the options are two lists, texts and names."""
    asked = needed(row, "question_stem") if "question_stem" in row else needed(row, "question")
    options = row["choices"]
    yield _item(asked, options["text"], row["answerKey"], first, names=[str(name) for name in options["label"]])


def _agieval(row: Row, first: int) -> Iterator[Item]:
    if not row["options"]:
        raise ValueError("it has no options: read a file without them by format agieval_cloze")
    yield _item(needed(row, "question"), row["options"], row["label"], first)


def _mmlu_pro(row: Row, first: int) -> Iterator[Item]:
    yield _item(needed(row, "question"), row["options"] or (), row["answer"], first, category=text(row, "category"))


def _named_options(answer: str) -> Reads:
    """MedQA and its like: the options are an object, by their letters."""

    def read(row: Row, first: int) -> Iterator[Item]:
        options: Mapping[str, Any] = row["options"] or {}
        named = {name: option for name, option in options.items() if not _is_empty(option)}
        label = needed(row, answer).strip()
        if label not in named:
            raise ValueError(f"its label {label[:40]!r} is none of its options {', '.join(named)}")
        yield _item(needed(row, "question"), list(named.values()), label, first, names=list(named), category=text(row, "category"))

    return read


def _aqua(row: Row, first: int) -> Iterator[Item]:
    yield _item(needed(row, "question"), row["options"] or (), row["correct"], first)


def _single(row: Row, first: int) -> Iterator[Item]:
    yield _item(needed(row, "question"), row["choices"] or (), row["label"], first, category=text(row, "category"))


def _multiple(row: Row, first: int) -> Iterator[Item]:
    yield _item(needed(row, "question"), row["choices"] or (), row["labels"] or (), first, several=True, category=text(row, "category"))


def _truthfulqa(row: Row, first: int) -> Iterator[Item]:
    """One right answer among the wrong ones, in an order that depends on the question alone."""
    best = needed(row, "Best Answer").strip()
    wrong = [answer.strip() for answer in needed(row, "Incorrect Answers").split(";") if answer.strip()]
    options = sorted({best, *wrong})
    if len(options) < 2:
        raise ValueError("it has no wrong answer beside the best")
    turn = len(needed(row, "Question")) % len(options)
    options = [*options[turn:], *options[:turn]]
    yield Item(
        "single_choice",
        "choice",
        needed(row, "Question"),
        choices=tuple(options),
        right_choices=(options.index(best),),
        category=text(row, "Category"),
    )


CHOICE_FORMATS = (
    Format("mmlu", "MMLU: the options are a list, the answer a number from 0", {"question": "text", "choices": "list", "answer": "any"}, _mmlu),
    Format(
        "lettered_columns",
        "MMLU, CMMLU, C-Eval as CSV: an option a column",
        {"question": "text", "A": "any", "B": "any", "answer": "text"},
        _in_columns,
        dict.fromkeys("CDEFGHIJ", "any"),
    ),
    Format("openbookqa", "OpenBookQA as CSV", {"Question Stem": "text", "Choices": "text", "Answer Key": "text"}, _openbookqa),
    Format("stem", "OpenBookQA, ARC, CommonsenseQA as JSON lines", {"question": "struct", "answerKey": "text"}, _stem),
    Format("arc", "ARC as the hub has it", {"question": "text", "choices": "struct", "answerKey": "text"}, _labelled_choices),
    Format("openbookqa_hub", "OpenBookQA as the hub has it", {"question_stem": "text", "choices": "struct", "answerKey": "text"}, _labelled_choices),
    Format(
        "agieval",
        "AGIEval: passage, question, lettered options, the letters that are right",
        {"passage": "text", "question": "text", "options": "list", "label": "text"},
        _agieval,
    ),
    Format("mmlu_pro", "MMLU-Pro: options, and the letter of the right one", {"question": "text", "options": "list", "answer": "any"}, _mmlu_pro),
    Format("medqa", "MedQA", {"question": "text", "options": "struct", "answer_idx": "text"}, _named_options("answer_idx")),
    Format("named_options", "options by their letters", {"question": "text", "options": "struct", "answer": "text"}, _named_options("answer")),
    Format("aqua", "AQuA-RAT", {"question": "text", "options": "list", "correct": "text"}, _aqua),
    Format("choices_label", "options with the place of the right one", {"question": "text", "choices": "list", "label": "any"}, _single),
    Format("choices_labels", "options with the places of the right ones", {"question": "text", "choices": "list", "labels": "list"}, _multiple),
    Format(
        "truthfulqa",
        "TruthfulQA: the best answer among the wrong ones",
        {"Question": "text", "Best Answer": "text", "Incorrect Answers": "text"},
        _truthfulqa,
    ),
)
