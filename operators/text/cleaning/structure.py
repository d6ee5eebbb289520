"""Texts in which white space means something: code blocks, diffs, tables, columns, quoted code."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_SPACES: Final = r"\s" + "\v\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Those of Python, for RE2, whose own are ASCII alone."""
_INK: Final = f"[^{_SPACES}]"
DIFF: Final = f"diff --git |@@ -\\d|Index: |--- {_INK}[^\\n]*\\n\\+\\+\\+ "
INDENTED_QUOTATION: Final = f"[>|][> |]*[ \\t]{{2,}}{_INK}"
GAP: Final = f"(?:{_INK} {{3,}}|[^{_SPACES}.!?:;,\"')\\]] {{2}}){_INK}"
"""Two spaces after a mark end a sentence, as typists do; they are no column."""

_SIGNS: Final = (
    r"^[ \t]*(?:```|~~~)",  # a fence of a code block
    f"^(?:{DIFF})",
    r"^[ \t]*\|.*\|[ \t\r]*$",  # a table of Markdown
    f"{_INK}[^\\n]*\\t[^\\n]*{_INK}",  # columns by tabs
    f"^{INDENTED_QUOTATION}",
    f"{GAP}[^\\n]*\\n[^\\n]*{GAP}[^\\n]*\\n[^\\n]*{GAP}",  # columns by spaces in three lines
)
_STRUCTURE: Final = f"(?m){'|'.join(f'(?:{sign})' for sign in _SIGNS)}"
"""For RE2, which reads a text once: Python's own engine takes the square of a long line."""


def has_structure(texts: pa.Array) -> pa.BooleanArray:
    """True for the texts that may have a part in which runs of spaces and blank lines mean something."""
    return pc.match_substring_regex(texts, _STRUCTURE)
