"""The program in what a model answers."""

from __future__ import annotations

import ast
import re
from typing import Final

from operators.bases.fenced_blocks import blocks_of
from operators.sandboxes import parse_python

_END_OF_THOUGHT: Final = re.compile(r"^</think>[ \t\r]*$", re.MULTILINE)


def program_of(reply: str, tags: frozenset[str] = frozenset({"", "python", "py", "python3"})) -> str:
    """The program in a reply: the longest of its fenced blocks in one of the languages `tags`, else the longest of all; the whole reply where nothing
    is fenced. Blocks are never put together, and the prose between them is never part of the program. A block that names no language, behind one that
    does, is what the program prints. What was thought before (<think>...</think>) is no part of the reply.

    >>> program_of("Sure:" + chr(10) + "```py" + chr(10) + "x = 1" + chr(10) + "```" + chr(10) + "It sets x.")
    'x = 1'
    """
    reply = _without_thought(reply)
    blocks = [block for block in blocks_of(reply) if block.code.strip()]
    if not blocks:
        return reply.strip()
    named = next((place for place, block in enumerate(blocks) if block.tag and block.tag in tags), len(blocks))
    wanted = [block for place, block in enumerate(blocks) if block.tag in tags and (block.tag or place < named)] or blocks
    return max(wanted, key=lambda block: len(block.code)).code


def _without_thought(reply: str) -> str:
    """A thought whose beginning is missing, as some models' templates have it, ends on a line of its own."""
    if reply.lstrip().startswith("<think>"):
        return reply.partition("</think>")[2]
    end = _END_OF_THOUGHT.search(reply)
    return reply[end.end() :] if end and "<think>" not in reply[: end.start()] else reply


def python_fault(code: str, defines: str = "") -> str | None:
    """What is wrong with a Python program, by the look of it, in words for the model; None where nothing is.

    Args:
        code: the program.
        defines: the name of a function that it has to define; any function where empty.
    """
    try:
        tree = parse_python(code)
    except SyntaxError as error:
        return f"it is not valid Python: {error}"
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    if defines and defines not in functions:
        return f"it does not define {defines}"
    return None if functions else "it defines no function"


def functions_of(code: str) -> list[str]:
    """The names of the functions that a program defines at its top, in order; none where it is no program."""
    try:
        return [node.name for node in parse_python(code).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    except SyntaxError:
        return []
