"""Tables in files: JSON Lines, JSON, CSV, TSV and Parquet, plain or compressed. Values come out exactly as they went in."""

from operators.tables.files.bad_rows import BadRow
from operators.tables.files.errors import FileFormatError
from operators.tables.files.storage import FileStorage

__all__ = ["BadRow", "FileFormatError", "FileStorage"]
