"""Text that looks like a block of Markdown and is none: a backslash says so. Whatever is escaped is read back as it was."""

from __future__ import annotations

import re
from typing import Final

_BLOCK_START: Final = re.compile(
    r"""\#{1,6}(?:\s|$)                     # heading
    | [-*+](?:\s|$)                         # item of a list
    | (?:`{3,}|~{3,})                       # code
    | \$\$                                  # formula
    | :\s                                   # caption
    | \[\^[^\]]*\]:                         # footnote
    | !\[.*\]\(.*\)\s*$                     # figure
    | <!--                                  # comment
    | \|                                    # row of a table
    | =+\s*$                                # the line under a heading
    | (?:-[ \t]*)+$ | (?:\*[ \t]*){3,}$ | (?:_[ \t]*){3,}$  # a line across the page
    | \|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?\s*$ # the line under the names of columns
    """,
    re.VERBOSE,
)
_NUMBER: Final = re.compile(r"(\d{1,9})(\\*)([.)])(?=\s|$)")
_CLOSING_MARKS: Final = re.compile(r"(?:^|(?<=[ \t]))(\\*)(#+)$")
_CELL_MARKS: Final = re.compile(r"(\\*)(\||<br>)")
_CELL_BREAK: Final = re.compile(r"(\\*)(\||<br>|\n)")
_ALT_MARKS: Final = re.compile(r"(\\*)([\[\]])")


def escape_line(line: str) -> str:
    """A line of text that starts no block."""
    if _BLOCK_START.match(line.lstrip("\\")):
        return "\\" + line
    if number := _NUMBER.match(line):
        return f"{number[1]}\\{line[len(number[1]) :]}"
    return line


def unescape_line(line: str) -> str:
    if line.startswith("\\") and _BLOCK_START.match(line.lstrip("\\")):
        return line[1:]
    if (number := _NUMBER.match(line)) and number[2]:
        return number[1] + line[len(number[1]) + 1 :]
    return line


def escape_heading(text: str) -> str:
    """Number signs at the end of a heading would be taken for its end."""
    return _CLOSING_MARKS.sub(lambda found: f"\\{found[1]}{found[2]}", text)


def unescape_heading(text: str) -> str:
    found = _CLOSING_MARKS.search(text)
    return text[: found.start(1)] + text[found.start(1) + 1 :] if found and found[1] else text


def escape_cell(text: str) -> str:
    """A cell in one line: its line ends become "<br>"."""

    def written(found: re.Match[str]) -> str:
        before = found[1] * 2
        return f"{before}<br>" if found[2] == "\n" else f"{before}\\{found[2]}"

    return _CELL_BREAK.sub(written, text)


def unescape_cell(text: str) -> str:
    def read(found: re.Match[str]) -> str:
        marks = len(found[1])
        if marks % 2:
            return "\\" * (marks // 2) + found[2]
        return "\\" * (marks // 2) + ("\n" if found[2] == "<br>" else found[2])

    return _CELL_MARKS.sub(read, text)


def escape_alternative(text: str) -> str:
    """The text of a figure, which ends at the first bracket that has no backslash."""
    escaped = _ALT_MARKS.sub(lambda found: f"{found[1] * 2}\\{found[2]}", text)
    return escaped + "\\" * (len(escaped) - len(escaped.rstrip("\\")))


def unescape_alternative(text: str) -> str:
    kept = text.rstrip("\\")
    return _ALT_MARKS.sub(lambda found: "\\" * (len(found[1]) // 2) + found[2], kept) + "\\" * ((len(text) - len(kept)) // 2)
