"""Which files a path stands for, and what their names say about format and compression."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path

from operators.tables.errors import closest
from operators.tables.files.errors import FileFormatError

FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet"}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
KNOWN = f"{', '.join(FORMATS)}; each but .parquet also with {' or '.join(COMPRESSIONS)}"


@dataclass(frozen=True, slots=True)
class Suffix:
    """`format` is a value of FORMATS, `compression` "gzip", "zstd" or None."""

    format: str
    compression: str | None


def suffix_of(path: str) -> Suffix:
    """Format and compression, from the name alone, in any case. Raises FileFormatError for names that say nothing."""
    name = Path(path).name.lower()
    compression = None
    for ending, codec in COMPRESSIONS.items():
        if name.endswith(ending):
            name, compression = name.removesuffix(ending), codec
    for ending, file_format in FORMATS.items():
        if name.endswith(ending):
            if file_format == "parquet" and compression:
                raise FileFormatError(f"{path}: Parquet is compressed inside; name it .parquet, without {compression} around it.")
            return Suffix(file_format, compression)
    raise FileFormatError(f"{path}: the format is taken from the suffix, and this one is not known. Known: {KNOWN}.")


def find_files(path: str) -> list[str]:
    """The files that a file name, a folder or a glob stands for, in sorted order, all of one format.

    A folder is read with its subfolders; names that begin with "." or "_" are left out (temporary files, _SUCCESS).
    """
    if Path(path).is_file():
        return [path]
    if Path(path).is_dir():
        files = sorted(str(file) for file in Path(path).rglob("*") if file.is_file() and not _hidden(file.relative_to(path)))
        if not files:
            raise FileNotFoundError(f"{path}: the folder holds no file. Known formats: {KNOWN}.")
    elif glob.has_magic(path):
        files = sorted(file for file in glob.glob(path, recursive=True) if Path(file).is_file())  # noqa: PTH207 (Path.glob takes no absolute pattern)
        if not files:
            raise FileNotFoundError(f"{path}: no file matches.{_closest_name(path)}")
    else:
        raise FileNotFoundError(f"{path}: no such file.{_closest_name(path)}")
    _of_one_format(path, files)
    return files


def _hidden(relative: Path) -> bool:
    return any(part.startswith((".", "_")) for part in relative.parts)


def _of_one_format(path: str, files: list[str]) -> None:
    first = suffix_of(files[0])
    for file in files:
        if suffix_of(file).format != first.format:
            raise FileFormatError(
                f"{path}: holds files of more than one format ({files[0]} and {file}). Name one kind with a glob, such as {path.rstrip('/')}/*.jsonl."
            )


def _closest_name(path: str) -> str:
    folder = Path(path).parent
    if not folder.is_dir():
        return f' The folder "{folder}" does not exist.'
    names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    if near := closest(Path(path).name, names):
        return f" In {folder}: {near}"
    return f" In {folder}: {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}." if names else f" {folder} is empty."
