"""Values as Python writes them: literals, and what `str` makes of lists and objects."""

from __future__ import annotations

import ast
from typing import Any, Final

from operators.sandboxes import parse_python


def python_value(text: str) -> Any:
    """A list or an object as Python shows it, with single quotation marks; None where the text is anything else."""
    if not text.startswith(("{", "[{")):
        return None
    try:
        body = parse_python(text).body
    except SyntaxError:
        return None
    value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    return value_of(value) if isinstance(value, ast.List | ast.Dict) else None


_CONSTANTS: Final = {"true": True, "false": False, "null": None}


def value_of(node: ast.expr) -> Any:
    """The value of a literal; what is none (a name, another call) stays the text of its source."""
    if isinstance(node, ast.Name) and node.id in _CONSTANTS:
        return _CONSTANTS[node.id]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [value_of(item) for item in node.elts]
    if isinstance(node, ast.Dict) and all(key is not None for key in node.keys):
        return {str(value_of(key)): value_of(value) for key, value in zip(node.keys, node.values, strict=True) if key is not None}
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ast.unparse(node)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
