"""CSV and TSV: one table."""

from __future__ import annotations

import csv
import io
import re
from typing import Final, Literal

from operators.document_model import blocks as make
from operators.document_model.document import Document
from resources.documents.encodings import decode
from resources.documents.options import Options
from resources.documents.stopped import Stopped

_DELIMITERS: Final = ",;\t|"
_NAMED: Final = re.compile(r"sep=(.)\n")
"""The first line by which Excel is told what parts the cells."""
_LOOKED_AT: Final = 100


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    text = decode(content)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    if named := _NAMED.match(text):
        return Document.of([make.table(_rows(text[named.end() :], named[1]))])
    delimiter = "\t" if name.lower().endswith(".tsv") else max(_DELIMITERS, key=lambda one: _evenness(text, one))
    return Document.of([make.table(_rows(text, delimiter))])


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Quotes that do not stand around whole cells, or never end, are part of the text."""
    for quoted in (True, False):
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
        try:
            reader = csv.reader(
                io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=quoted, skipinitialspace=delimiter != "\t"
            )
            return [row for row in reader if row]
        except csv.Error as error:
            reason = error
    raise Stopped("damaged", f"the table cannot be read: {reason}")


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """The share of rows with as many cells as the first, and how many these are; nothing for one cell."""
    counts = []
    with io.StringIO(text, newline="") as lines:
        for row in csv.reader(lines, delimiter=delimiter):
            counts.append(len(row))
            if len(counts) == _LOOKED_AT:
                break
    if not counts or counts[0] < 2:
        return 0.0, 0
    return counts.count(counts[0]) / len(counts), counts[0]
