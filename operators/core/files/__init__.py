"""Tables in files: JSON Lines, JSON, CSV, TSV and Parquet, plain or compressed. Values come out exactly as they went in."""

from operators.core.files.bad_rows import BadRow
from operators.core.files.errors import FileFormatError
from operators.core.files.storage import FileStorage

__all__ = ["BadRow", "FileFormatError", "FileStorage"]
