"""Formats of tasks that a program has to do."""

from __future__ import annotations

from collections.abc import Iterator

from operators.bases.replies import functions_of
from operators.evaluation.formats.declaration import Format, Row, needed, text
from operators.evaluation.items import Item


def _human_eval(row: Row, first: int) -> Iterator[Item]:
    """The question is the beginning of a program; its tests are a function `check` of the one to be written."""
    name = needed(row, "entry_point")
    yield Item("question", "tests", needed(row, "prompt"), tests=f"{needed(row, 'test')}\n\ncheck({name})\n", entry_point=name)


def _mbpp(row: Row, first: int) -> Iterator[Item]:
    """As its authors asked: with the tests, which say what the function is called."""
    task = needed(row, "text") if "text" in row else needed(row, "prompt")
    asserts = [str(test) for test in row["test_list"] or ()]
    if not asserts:
        raise ValueError("it has no tests")
    setup = text(row, "test_setup_code") or "\n".join(row.get("test_imports") or ())
    defined = [name for name in functions_of(text(row, "code") or "") if any(f"{name}(" in one for one in asserts)]
    shown = "\n".join(asserts)
    yield Item(
        "question",
        "tests",
        f"{task.strip()}\n\nThe program has to pass these tests:\n{shown}",
        tests=f"{setup}\n{shown}\n".lstrip("\n"),
        entry_point=defined[-1] if defined else None,
    )


PROGRAM_FORMATS = (
    Format(
        "human_eval",
        "HumanEval: a function to complete, with its tests",
        {"prompt": "text", "entry_point": "text", "test": "text"},
        _human_eval,
        {"canonical_solution": "text"},
    ),
    Format(
        "mbpp",
        "MBPP: a task in words and a list of asserts",
        {"text": "text", "test_list": "list"},
        _mbpp,
        {"code": "text", "test_setup_code": "text"},
    ),
    Format("mbpp_sanitized", "MBPP sanitized", {"prompt": "text", "test_list": "list"}, _mbpp, {"code": "text", "test_imports": "list"}),
)
