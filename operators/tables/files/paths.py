"""Which files a path stands for, each once, and what their names say about format and compression."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from operators.tables.errors import closest
from operators.tables.files.dataset_folder import DESCRIPTIONS, dataset_files
from operators.tables.files.errors import FileFormatError, MissingFileError, explained

FORMATS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".warc": "warc",
    ".wet": "warc",
}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".incomplete", ".swp", "~")
"""Endings that programs give to files that they still write."""
COMPRESSED_INSIDE = ("parquet", "arrow")
KNOWN = f"{', '.join(FORMATS)}; each but .parquet, .arrow and .feather also with {' or '.join(COMPRESSIONS)}"

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


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
            if file_format in COMPRESSED_INSIDE and compression:
                raise FileFormatError(f"{path}: {file_format.title()} is compressed inside; name it {ending}, without {compression} around it.")
            return Suffix(file_format, compression)
    raise FileFormatError(f"{path}: the format is taken from the suffix, and this one is not known. Known: {KNOWN}.")


def find_files(path: str) -> list[str]:
    """The files that a file name, a folder or a glob stands for, in sorted order, all of one format, each once.

    A file that has several names (links, a link that leads back to its own folder) is read under one, the one with the fewest folders.
    A folder is read with its subfolders; names that begin with "." or "_" are left out (temporary files, _SUCCESS), and so is what describes a data
    set (README.md, dataset_info.json). Of folders and globs also those are left out whose ending says that they are still written (.part). A folder
    with files of several splits (train.jsonl and test.jsonl) is refused: a split has to be named.

    Raises:
        MissingFileError: nothing is there. The message offers the closest name.
        FileAccessError: a folder cannot be read.
        FileFormatError: files of more than one format.
    """
    with explained(path, "read"):
        if Path(path).is_file():
            return [path]
        if Path(path).is_dir():
            files = _each_once(dataset_files(path, [file for file in _walk(path) if not _left_out(Path(file).relative_to(path))]))
            if not files:
                raise MissingFileError(f"{path}: the folder holds no file. Known formats: {KNOWN}.")
        elif glob.has_magic(path):
            files = _each_once(file for file in _matches(path) if not is_unfinished(file))
            if not files:
                raise MissingFileError(f"{path}: no file matches.{_closest_name(path)}")
        elif Path(path).exists():
            raise FileFormatError(f"{path}: is neither a file nor a folder. Save what it gives to a file first.")
        else:
            raise MissingFileError(f"{path}: no such file.{_closest_name(path)}")
    _of_one_format(path, files)
    return files


def is_address(path: str) -> bool:
    """Whether it is one of another machine, such as s3://bucket/pages.jsonl; also as `Path` writes it, with one slash."""
    return _ADDRESS.match(path) is not None


def would_read(path: str, file: str) -> bool:
    """Whether a file of this name, were it there, would be among those that a file name, a folder or a glob stands for."""
    if Path(path).is_dir():
        written, folder = Path(os.path.realpath(file)), Path(os.path.realpath(path))
        return written.is_relative_to(folder) and not _left_out(written.relative_to(folder))
    if not glob.has_magic(path) or Path(path).is_file():
        return os.path.realpath(path) == os.path.realpath(file)
    parts = Path(path).parts
    fixed = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    pattern = (*Path(os.path.realpath(Path(*parts[:fixed]))).parts, *parts[fixed:])
    return _fits(Path(os.path.realpath(file)).parts, pattern) and not is_unfinished(file)


def _each_once(files: Iterable[str]) -> list[str]:
    """One name a file, by device and inode."""
    names: dict[tuple[int, int], str] = {}
    for file in files:
        status = Path(file).stat()
        key = (status.st_dev, status.st_ino)
        if key not in names or _rank(file) < _rank(names[key]):
            names[key] = file
    return sorted(names.values())


def _rank(file: str) -> tuple[int, str]:
    return len(Path(file).parts), file


def _matches(pattern: str) -> Iterator[str]:
    if "**" not in Path(pattern).parts:
        yield from (file for file in glob.glob(pattern) if Path(file).is_file())  # noqa: PTH207 (Path.glob takes no absolute pattern)
        return
    # glob would follow a link that leads back to its own folder forty times, and two of them for ever
    parts = Path(pattern).parts
    fixed = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:fixed])
    if root.is_dir():
        yield from (file for file in _walk(str(root)) if _fits(Path(file).relative_to(root).parts, parts[fixed:]))


def _fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Whether folders and a file name match a glob; "**" stands for any number of folders. As in a shell, no wildcard matches a leading dot."""
    if not patterns:
        return not names
    if patterns[0] == "**":
        visible = next((place for place, name in enumerate(names) if name.startswith(".")), len(names))
        return any(_fits(names[place:], patterns[1:]) for place in range(visible + 1))
    if not names or (names[0].startswith(".") and not patterns[0].startswith(".")):
        return False
    return fnmatch.fnmatchcase(names[0], patterns[0]) and _fits(names[1:], patterns[1:])


def _walk(folder: str, above: frozenset[tuple[int, int]] = frozenset()) -> Iterator[str]:
    """All files below a folder, also behind links, but never down into a folder from within itself."""
    status = Path(folder).stat()
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry.path, above | {here})
        elif entry.is_file():
            yield entry.path


def is_unfinished(file: str) -> bool:
    """Whether the ending says that a program still writes the file."""
    return file.lower().endswith(UNFINISHED)


def _left_out(relative: Path) -> bool:
    return any(part.startswith((".", "_")) for part in relative.parts) or relative.name in DESCRIPTIONS or is_unfinished(relative.name)


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
