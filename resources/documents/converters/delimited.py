"""CSV and TSV: one table."""

from __future__ import annotations

import csv
import io

from operators.document_model import blocks as make
from operators.document_model.document import Document
from resources.documents.encodings import decode
from resources.documents.options import Options
from resources.documents.stopped import Stopped


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    text = decode(content)
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:8192], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = list(csv.reader(io.StringIO(text), dialect))
    except csv.Error as error:
        raise Stopped("damaged", f"the table cannot be read: {error}") from None
    return Document.of([make.table(rows)])
