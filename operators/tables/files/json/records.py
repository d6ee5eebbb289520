"""The records of JSON files, as bytes with the number of the line on which each begins; nothing is parsed and no file is held whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from operators.tables.files.blocks import blocks
from operators.tables.files.errors import FileFormatError

# A whole string, or one character of structure. A quote that opens no whole string matches alone: the string goes on in the next block.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},"]', re.DOTALL)
_SPACE = b" \t\r\n"
_CLOSES = {b"]": b"[", b"}": b"{"}
_BETWEEN_RECORDS = re.compile(rb"[}\]][ \t\r\n]*,?[ \t\r\n]*[{\[]")
# Inside an object a comma stands between two others
_BETWEEN_JOINED = re.compile(rb'\}[ \t\r\n]*+\{[ \t\r\n]*+"')
MAX_ELEMENT_BYTES = 256 << 20
Record = tuple[int, bytes]


def first_line(path: str) -> bytes:
    """The first line that is not blank, or what of it stands in the first block, without the spaces around it. Many ".json" files are JSON Lines."""
    for block in blocks(path):
        if stripped := block.lstrip(_SPACE):
            return stripped.partition(b"\n")[0].rstrip(_SPACE)
    return b""


def elements(path: str) -> Iterator[Record]:
    """Elements of the outermost array, found by counting brackets outside strings, so that a broken element spoils no other.

    Raises FileFormatError where the end of an element is not certain: an array that is not closed, text behind it, brackets that do not match.
    """
    source = blocks(path)
    buffer = next(source)
    while b"[" not in buffer:  # spaces may come first
        buffer += next(source)
    start = buffer.index(b"[") + 1  # where the element under way begins
    scanned = start  # how far its structure is known
    line = 1 + buffer.count(b"\n", 0, start)
    open_brackets = [b"["]
    while open_brackets:
        for token in _TOKEN.finditer(buffer, scanned):
            character = token.group() if token.end() - token.start() == 1 else b""
            if character == b'"':
                scanned = token.start()
                break
            scanned = token.end()
            if character in (b"[", b"{"):
                open_brackets.append(character)
            elif character in (b"]", b"}"):
                if open_brackets[-1] == _CLOSES[character]:
                    open_brackets.pop()
                elif len(open_brackets) > 1:
                    here = line + buffer.count(b"\n", start, token.start())
                    raise FileFormatError(
                        f'{path}:{here}: "{character.decode()}" closes what "{open_brackets[-1].decode()}" opened (in the element that begins on '
                        f"line {line + _leading_lines(buffer[start:scanned])}). Mend the file, or write JSON Lines."
                    )
                # else: a "}" too many behind an element, which spoils that element alone
            if (character == b"," and len(open_brackets) == 1) or not open_brackets:
                element = buffer[start : token.start()]
                if element.strip(_SPACE) or character == b",":
                    yield line + _leading_lines(element), element.strip(_SPACE)
                line += element.count(b"\n")
                start = scanned
                if not open_brackets:
                    break
        if open_brackets:
            more = next(source, b"")
            last = line + _leading_lines(buffer[start:])
            if not more:
                raise FileFormatError(
                    f"{path}:{last}: the file is cut off: the array is not closed (its last element begins on line {last}). Fetch or write it again."
                )
            # growing by what is already there keeps the cost of a huge element linear
            while len(more) < len(buffer) - start and (block := next(source, b"")):
                more += block
            buffer, scanned, start = buffer[start:] + more, scanned - start, 0
            if scanned > MAX_ELEMENT_BYTES:
                raise FileFormatError(f"{path}:{last}: an element of the array is not closed within {MAX_ELEMENT_BYTES >> 20} MB. Mend the file.")
    for block in chain([buffer[start:]], source):
        if rest := block.strip(_SPACE):
            raise FileFormatError(
                f"{path}:{line + _leading_lines(block)}: text follows the end of the array: {rest[:40].decode('utf-8', 'replace')}. "
                "Put everything into one array, or write JSON Lines."
            )
        line += block.count(b"\n")


def holds_several(element: bytes) -> bool:
    """Whether a malformed element may be several: something like the end of one and the beginning of the next stands in it."""
    return _BETWEEN_RECORDS.search(element) is not None


def count_objects(record: bytes) -> int:
    """How many objects a record that is not one object holds: one behind the other, or in an array; at least 1.

    They are found by counting braces outside strings. Behind a brace or a quote that is not closed, they are those that no comma parts.
    """
    count = depth = begin = 0
    for token in _TOKEN.finditer(record):
        character = token.group() if token.end() - token.start() == 1 else b""
        if character == b'"':
            break
        if character == b"{":
            begin = begin if depth else token.start()
            depth += 1
        elif character == b"}" and depth:
            depth -= 1
            count += not depth
    unclosed = 1 + len(_BETWEEN_JOINED.findall(record, begin)) if depth else 0
    return max(1, count + unclosed)


def _leading_lines(element: bytes) -> int:
    return element[: len(element) - len(element.lstrip(_SPACE))].count(b"\n")
