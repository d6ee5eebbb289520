"""Tables in files: JSON Lines, JSON, CSV, TSV, Parquet, Arrow and WARC, plain or compressed. Values come out exactly as they went in."""

from operators.tables.files.bad_rows import BadRow
from operators.tables.files.errors import ExistingFileError, FileAccessError, FileChangedError, FileFormatError, MissingFileError
from operators.tables.files.storage import FileStorage

__all__ = ["BadRow", "ExistingFileError", "FileAccessError", "FileChangedError", "FileFormatError", "FileStorage", "MissingFileError"]
