"""Formats of open questions: one answer, or several that are all right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from operators.bases.math_answers.extraction import stated_answer
from operators.evaluation.formats.declaration import Format, Row, needed, text
from operators.evaluation.items import Item, Measure, Shape

_NUMBER: Final = re.compile(r"\s*[-−]?[\d.,/]+\s*%?\s*")


def _gsm8k(row: Row, first: int) -> Iterator[Item]:
    """The answer is a solution, with the result after ####; or an answer alone, compared as a value where it is a number, else by its words."""
    answer = text(row, "answer")
    reference = answer.rpartition("####")[2].strip() if answer is not None else None
    is_value = answer is not None and ("####" in answer or bool(_NUMBER.fullmatch(answer)))
    yield Item("question", "math" if is_value else "f1", needed(row, "question"), references=_one(reference), category=text(row, "category"))


def _math(row: Row, first: int) -> Iterator[Item]:
    """MATH and MATH-500: the answer stands in its own column, or boxed in the solution."""
    solution = text(row, "solution")
    answer = text(row, "answer") or (stated_answer(solution) if solution is not None else None)
    yield Item("question", "math", needed(row, "problem"), references=_one(answer), category=text(row, "subject") or text(row, "type"))


def _svamp(row: Row, first: int) -> Iterator[Item]:
    answer = text(row, "Answer")
    asked = f"{needed(row, 'Body').strip()} {needed(row, 'Question').strip()}"
    yield Item("question", "math", asked, references=_one(answer), category=text(row, "Type"))


def _cloze(row: Row, first: int) -> Iterator[Item]:
    asked = needed(row, "question")
    yield Item("question", "math", asked, references=_one(text(row, "answer")))


def _solved(row: Row, first: int) -> Iterator[Item]:
    """A question with a worked solution and the answer apart, as the reference system's own files have it."""
    yield Item("question", "math", needed(row, "question"), references=_one(text(row, "answer")), category=text(row, "category"))


def _golden(column: str) -> Any:
    def read(row: Row, first: int) -> Iterator[Item]:
        yield Item("question", "math", needed(row, "question"), references=_one(text(row, column)), category=_category(row))

    return read


def _squad(row: Row, first: int) -> Iterator[Item]:
    yield _of_passage(needed(row, "context"), needed(row, "question"), row.get("answers", row.get("answer")), text(row, "title"))


def _squad_articles(row: Row, first: int) -> Iterator[Item]:
    """The published file: articles with paragraphs with questions, one row an article."""
    for paragraph in row["paragraphs"] or ():
        for asked in paragraph["qas"] or ():
            yield _of_passage(paragraph["context"], asked["question"], asked.get("answers"), text(row, "title"))


def _of_passage(context: str, question: str, answers: Any, title: str | None) -> Item:
    """A question without answers is one that the passage does not answer (SQuAD 2.0)."""
    found = [answers] if isinstance(answers, str) else answers.get("text") if isinstance(answers, Mapping) else answers
    told = [one["text"] if isinstance(one, Mapping) else str(one) for one in found or ()]
    return Item("references", "f1", question, context, references=tuple(dict.fromkeys(told)) or ("no answer",), category=title)


def _nq_open(row: Row, first: int) -> Iterator[Item]:
    yield _several(row, needed(row, "question"), row.get("answer"), "exact")


def _targets(row: Row, first: int) -> Iterator[Item]:
    yield _several(row, needed(row, "question"), row.get("targets"), "contained")


def _several(row: Row, question: str, answers: Any, measure: Measure) -> Item:
    references = tuple(str(answer) for answer in answers or () if answer is not None and str(answer).strip())
    return Item("references", measure, question, references=references or None, category=_category(row))


def _text(row: Row, first: int) -> Iterator[Item]:
    shape: Shape = "text"
    yield Item(shape, "likelihood", needed(row, "text"), category=_category(row))


def _preference(row: Row, first: int) -> Iterator[Item]:
    pair = (needed(row, "better"), needed(row, "rejected"))
    yield Item("preference", "likelihood", needed(row, "question"), choices=pair, right_choices=(0,), category=_category(row))


def _one(answer: str | None) -> tuple[str, ...] | None:
    return None if answer is None else (answer.strip(),)


def _category(row: Row) -> str | None:
    return text(row, "category") or text(row, "type")


QUESTION_FORMATS = (
    Format("gsm8k", "GSM8K: a question and its worked answer, the result after ####", {"question": "text", "answer": "text"}, _gsm8k),
    Format("math", "MATH: a problem and its solution with a box", {"problem": "text", "solution": "text"}, _math, {"answer": "text"}),
    Format("problems", "AMC, AIME: a problem and its answer", {"problem": "text", "answer": "any"}, _math),
    Format("svamp", "SVAMP: the story, the question, the answer as a number", {"Body": "text", "Question": "text", "Answer": "any"}, _svamp),
    Format(
        "agieval_cloze",
        "AGIEval without options: the passage, the question, the answer",
        {"passage": "text", "question": "text", "options": "any", "answer": "text"},
        _cloze,
    ),
    Format("solved", "a question, its solution and its answer", {"question": "text", "solution": "text", "answer": "text"}, _solved),
    Format("golden_label", "a question and its answer", {"question": "text", "golden_label": "text"}, _golden("golden_label")),
    Format("golden_answer", "a question and its answer", {"question": "text", "golden_answer": "text"}, _golden("golden_answer")),
    Format("squad", "SQuAD, a row a question", {"context": "text", "question": "text", "answers": "any"}, _squad),
    Format("xquad", "XQuAD, a row a question with one answer", {"context": "text", "question": "text", "answer": "text"}, _squad),
    Format("squad_articles", "SQuAD as its file has it, a row an article", {"title": "text", "paragraphs": "list"}, _squad_articles),
    Format("nq_open", "Natural Questions, open: a question and a list of answers", {"question": "text", "answer": "list"}, _nq_open),
    Format("targets", "a question and several answers that are right", {"question": "text", "targets": "list"}, _targets),
    Format("text", "texts to predict", {"text": "text"}, _text),
    Format("preference", "a question with a better and a worse answer", {"question": "text", "better": "text", "rejected": "text"}, _preference),
)
