"""The records of JSON files, as bytes with the number of the line on which each begins; nothing is parsed and no file is held whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from operators.tables.files.errors import BadLine
from operators.tables.files.paths import suffix_of
from operators.tables.files.streams import blocks, lines

# A whole string, or one character of structure. A quote that opens no whole string matches alone: the string goes on in the next block.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},"]', re.DOTALL)
_SPACE = b" \t\r\n"
Record = tuple[int, bytes]


def records(path: str) -> Iterator[Record]:
    """Lines of JSON Lines without the blank ones, or elements of the array in a .json file. Many ".json" files are JSON Lines: those are read too."""
    if suffix_of(path).format == "json" and _first_character(path) == b"[":
        return _elements(path)
    return ((number, line) for number, line in lines(path) if line and not line.isspace())


def _first_character(path: str) -> bytes:
    for block in blocks(path):
        if stripped := block.lstrip(_SPACE):
            return stripped[:1]
    return b""


def _elements(path: str) -> Iterator[Record]:
    """Elements of the outermost array, found by counting brackets outside strings, so that a broken element spoils no other."""
    source = blocks(path)
    buffer = next(source)
    while b"[" not in buffer:  # spaces may come first
        buffer += next(source)
    start = buffer.index(b"[") + 1  # where the element under way begins
    scanned = start  # how far its structure is known
    line = 1 + buffer.count(b"\n", 0, start)
    depth = 1
    while depth:
        for token in _TOKEN.finditer(buffer, scanned):
            character = token.group() if token.end() - token.start() == 1 else b""
            if character == b'"':
                scanned = token.start()
                break
            scanned = token.end()
            if character in (b"[", b"{"):
                depth += 1
            elif character in (b"]", b"}"):
                depth -= 1
            if (character == b"," and depth == 1) or depth == 0:
                element = buffer[start : token.start()]
                if element.strip(_SPACE) or character == b",":
                    yield line + _leading_lines(element), element.strip(_SPACE)
                line += element.count(b"\n")
                start = scanned
                if depth == 0:
                    break
        if depth:
            more = next(source, b"")
            if not more:
                last = line + _leading_lines(buffer[start:])
                raise BadLine(f"the file is cut off: the array is not closed (its last element begins on line {last})")
            # growing by what is already there keeps the cost of a huge element linear
            while len(more) < len(buffer) - start and (block := next(source, b"")):
                more += block
            buffer, scanned, start = buffer[start:] + more, scanned - start, 0
    if rest := (buffer[start:] + next(source, b"")).strip(_SPACE):
        raise BadLine(f"text follows the end of the array (line {line}): {rest[:40].decode('utf-8', 'replace')}")


def _leading_lines(element: bytes) -> int:
    return element[: len(element) - len(element.lstrip(_SPACE))].count(b"\n")
