"""The values that a query compares with, and whether a question says them."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from operators.text2sql.trees import query_tree

_FORMATTING: Final = (exp.TimeToStr, exp.StrToTime, exp.Anonymous, exp.Coalesce, exp.Case, exp.Round, exp.Substring)
_SMALL: Final = ("0", "1", "100", "100.0")
"""Numbers that queries have for their own sake: LIMIT 1, percentages, COUNT(*) > 0."""
_NAMED: Final = {str(number): word for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())}


def compared_values(sql: str, dialect: str = "sqlite") -> list[str]:
    """The texts and numbers of conditions and LIMIT, each once, patterns without their wildcards. Raises NotSQL.

    >>> compared_values("SELECT name FROM singer WHERE country LIKE '%land' AND age > 30 LIMIT 5")
    ['5', 'land', '30']
    """
    found: list[str] = []
    for literal in query_tree(sql, dialect).find_all(exp.Literal, bfs=False):
        if not literal.is_string and literal.name in _SMALL:
            continue
        parent = literal.parent
        if isinstance(parent, _FORMATTING) or (isinstance(parent, exp.If) and literal.arg_key != "this") or not literal.name.strip("%_* "):
            continue
        if isinstance(parent, exp.Alias | exp.Select) or literal.find_ancestor(exp.Predicate, exp.Limit, exp.Offset) is None:
            continue
        found.append(literal.name.strip("%_* ") if literal.is_string else literal.name)
    return list(dict.fromkeys(found))


def unsaid_values(sql: str, text: str, dialect: str = "sqlite") -> list[str]:
    """Values that a query compares with and that do not stand in a text, whatever the case; of numbers also small ones as words. Raises NotSQL.

    >>> unsaid_values("SELECT name FROM singer WHERE country = 'France' AND age > 3", "French singers older than three")
    ['France']
    """
    said = " ".join(text.lower().split())
    bare = re.sub(r"(?<=\d),(?=\d{3})", "", said)
    return [value for value in compared_values(sql, dialect) if not _is_said(value.lower(), said, bare)]


def _is_said(value: str, said: str, bare: str) -> bool:
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return " ".join(value.split()) in said
    if value in _NAMED and re.search(rf"\b{_NAMED[value]}\b", said):
        return True
    plain = value.removesuffix(".0")
    return re.search(rf"(?<![\d.]){re.escape(plain)}(?:\.0+)?(?!\d|\.\d)", bare) is not None
