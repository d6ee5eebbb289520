"""Whether a text is a program of its language: by Python's own parser, and by tree-sitter for the others."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

from operators.code.language.languages import languages
from operators.sandboxes import parse_python

PARSED_BY_PYTHON: Final = "Python"


class Syntax(NamedTuple):
    """`errors_share`: bytes in what the parser made nothing of, over all; 0.0 for a program."""

    errors_share: float
    line: int
    """Of the first error, from 1; 0 where there is none."""
    message: str


VALID: Final = Syntax(0.0, 0, "")


def can_be_parsed(language: str) -> bool:
    """Whether anything here knows the grammar of a language, by Linguist's name."""
    return language == PARSED_BY_PYTHON or bool(language in languages() and languages()[language].grammar)


def syntax_of_program(text: str, language: str) -> Syntax:
    """What a parser says of a text.

    Raises:
        KeyError: nothing here knows the grammar of the language.
    """
    return _by_python(text) if language == PARSED_BY_PYTHON else _by_tree_sitter(text, languages()[language].grammar)


def _by_python(text: str) -> Syntax:
    try:
        parse_python(text)
    except SyntaxError as error:
        return Syntax(1.0, error.lineno or 1, error.msg)
    return VALID


def _by_tree_sitter(text: str, grammar: str) -> Syntax:
    data = text.encode("utf-8", "replace")
    root = _parser(grammar).parse(data).root_node
    if not root.has_error:
        return VALID
    wrong, first = 0, None
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            wrong += max(1, node.end_byte - node.start_byte)
            if first is None or node.start_point < first.start_point:
                first = node
        elif node.has_error:
            nodes += node.children
    line = first.start_point[0] + 1 if first is not None else 1
    what = "something is missing" if first is not None and first.is_missing else "it cannot be parsed"
    return Syntax(min(1.0, wrong / max(1, len(data))), line, what)


@cache
def _parser(grammar: str) -> Any:
    from tree_sitter_language_pack import get_parser

    return get_parser(grammar)  # type: ignore[arg-type]
