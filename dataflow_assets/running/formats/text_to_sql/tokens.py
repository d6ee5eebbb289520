"""Questions and queries in words, as the loaders of Spider read them."""

from __future__ import annotations

import re
from typing import Final

_QUERY: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\w+(?:\.\w+)*|[<>!=|]=|<>|\|\||\S""")
_QUESTION: Final = re.compile(r"\w+(?:['\u2019.-]\w+)*|\S")
_LITERAL: Final = re.compile(r"'.*'|\d+(?:\.\d+)?", re.DOTALL)


def query_words(query: str) -> list[str]:
    """
    >>> query_words("SELECT T1.name FROM t AS T1 WHERE age>=3 AND city='New York'")[5:]
    ['T1', 'WHERE', 'age', '>=', '3', 'AND', 'city', '=', "'New York'"]
    """
    return _QUERY.findall(query)


def query_words_without_values(query: str) -> list[str]:
    """In lower case, with "value" in place of each literal."""
    return ["value" if _LITERAL.fullmatch(word) else word.lower() for word in query_words(query)]


def question_words(question: str) -> list[str]:
    return _QUESTION.findall(question)
