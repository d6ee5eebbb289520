"""Folders of Hugging Face data sets: which of their files hold the rows, that no shard is missing, and that splits are not mixed.

Known layouts: files and folders that are named for their split, perhaps with a README.md that says which file is of which (`dataset_card`), and
what `Dataset.save_to_disk` writes: Arrow shards with state.json, one folder a split with dataset_dict.json above them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from operators.tables.files.dataset_card import described
from operators.tables.files.errors import FileFormatError

DESCRIPTIONS = frozenset({"README.md", "LICENSE", "LICENSE.md", "LICENSE.txt"})
"""Files that describe a data set and have no format of a table."""
_DESCRIBING_JSON = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
_SPLITS = {
    word: split
    for split, words in {
        "train": ("train", "training"),
        "validation": ("validation", "valid", "val", "dev"),
        "test": ("test", "testing"),
        "eval": ("eval", "evaluation"),
    }.items()
    for word in words
}
"""The words by which the `datasets` library knows splits. It takes eval for test as well; whoever has both means two."""
_SPLIT_WORD = re.compile(rf"(?<![^-._ \d])(?:{'|'.join(_SPLITS)})(?![^-._ \d])", re.IGNORECASE)
_SHARD = re.compile(r"(?P<name>.+?)[-.](?P<number>\d{5})-of-(?P<count>\d{5})(?=\.|-)")


def dataset_files(folder: str, files: Sequence[str]) -> list[str]:
    """The files with rows among those found below a folder.

    Raises FileFormatError: several splits or configurations, of which one has to be named, or a shard that is missing.
    """
    root = Path(folder)
    holds_rows, named = described(root)
    if named is None:
        below = files if holds_rows == root else [file for file in files if Path(file).is_relative_to(holds_rows)]
        named = _without_descriptions(below)
        _refuse_several_splits(holds_rows, named, (root / "README.md").is_file())
    found = list(_without_caches(named))
    _refuse_missing_shards(found)
    return found


def _without_descriptions(files: Sequence[str]) -> list[str]:
    """Leaves out the JSON that describes a data set, unless all files are JSON: then it may be data of that name."""
    rows = [file for file in files if Path(file).name not in _DESCRIBING_JSON]
    return list(files) if not rows or all(".json" in Path(file).suffixes for file in rows) else rows


def _without_caches(files: Sequence[str]) -> Iterator[str]:
    """Beside state.json stand cached results of earlier steps as well; it says which files are the data."""
    told: dict[Path, set[str] | None] = {}
    for file in files:
        folder = Path(file).parent
        if folder not in told:
            told[folder] = _files_of_state(folder / "state.json") if file.endswith(".arrow") else None
            for name in sorted(told[folder] or ()):
                if not (folder / name).is_file():
                    raise FileFormatError(f"{folder}: state.json names {name}, which is not there. Fetch or save the data set again.")
        names = told[folder]
        if names is None or Path(file).name in names:
            yield file


def _files_of_state(path: Path) -> set[str] | None:
    if not path.is_file():
        return None
    try:
        return {str(entry["filename"]) for entry in orjson.loads(path.read_bytes())["_data_files"]}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise FileFormatError(
            f"{path}: does not say which files hold the rows ({error}). Save the data set again, or name them with a glob."
        ) from error


def _refuse_several_splits(root: Path, files: Sequence[str], has_card: bool) -> None:
    splits: dict[frozenset[str], str] = {}
    for file in files:
        if told := _splits_told(root, Path(file).relative_to(root), has_card):
            splits.setdefault(told, file)
    if len(splits) > 1:
        example = min(splits.values())
        raise FileFormatError(
            f"{root}: the data set has the splits {', '.join(sorted(frozenset().union(*splits)))}. Name the files of one, with a glob where they are "
            f"several ({example}), or all of them where they belong together ({root}/**/*{Path(example).suffix})."
        )


def _splits_told(root: Path, file: Path, has_card: bool) -> frozenset[str]:
    """The splits for which a file is named: by its folders, or where these tell none, by its own name."""
    if len(file.parts) > 1 and (root / "dataset_dict.json").is_file() and (root / file.parts[0] / "state.json").is_file():
        return frozenset({file.parts[0]})
    if has_card and file.parts[:-1] == ("data",) and (shard := _SHARD.match(file.name)):
        return frozenset({shard["name"]})  # in this layout every name is that of a split
    for names in (file.parts[:-1], file.parts[-1:]):
        if told := frozenset(_SPLITS[word.lower()] for name in names for word in _SPLIT_WORD.findall(name)):
            return told
    return frozenset()


def _refuse_missing_shards(files: Sequence[str]) -> None:
    numbers: dict[tuple[Path, str, int], set[int]] = {}
    for file in files:
        if shard := _SHARD.match(Path(file).name):
            numbers.setdefault((Path(file).parent, shard["name"], int(shard["count"])), set()).add(int(shard["number"]))
    for (folder, name, count), found in numbers.items():
        if missing := sorted(set(range(count)) - found):
            shown = ", ".join(f"{number:05}" for number in missing[:5])
            raise FileFormatError(
                f"{folder}: {len(missing)} of {count} shards of {name} are missing ({shown}{', ...' if len(missing) > 5 else ''}). Fetch them, "
                "or read those that are there with a glob."
            )
