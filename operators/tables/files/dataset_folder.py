"""Folders of Hugging Face data sets: which of their files hold the rows, that no shard is missing, and that splits are not mixed.

Known layouts: shards below data/ with a README.md that may say which file is of which split (`configs` in its YAML head), and what
`Dataset.save_to_disk` writes: Arrow shards with state.json, one folder a split with dataset_dict.json above them.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from operators.tables.files.errors import FileFormatError

DESCRIPTIONS = frozenset({"README.md", "LICENSE", "LICENSE.md", "LICENSE.txt"})
"""Files that describe a data set and have no format of a table."""
_DESCRIBING_JSON = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
_SPLITS = frozenset({"train", "training", "test", "testing", "validation", "valid", "val", "dev", "eval"})
_SHARD = re.compile(r"(?P<name>.+?)[-.](?P<number>\d{5})-of-(?P<count>\d{5})(?=\.|-)")


def dataset_files(folder: str, files: Sequence[str]) -> list[str]:
    """The files with rows among those found below a folder.

    Raises FileFormatError: several splits or configurations, of which one has to be named, or a shard that is missing.
    """
    root = Path(folder)
    described = _by_readme(root)
    if described is None:
        described = _without_descriptions(files)
        _refuse_several_splits(root, described)
    found = list(_without_caches(described))
    _refuse_missing_shards(found)
    return found


def _by_readme(root: Path) -> list[str] | None:
    """The files that the head of README.md names; None where it names none."""
    readme = root / "README.md"
    if not readme.is_file():
        return None
    import yaml  # takes a while, and few tables are such folders

    head = re.match(r"---\s*\n(.*?)\n---\s*(\n|\Z)", readme.read_text("utf-8", errors="replace"), re.DOTALL)
    try:
        described = yaml.safe_load(head[1]) if head else None
    except yaml.YAMLError as error:
        raise FileFormatError(f"{readme}: its head is not YAML ({error}). Mend it, or name the files with a glob, such as {root}/data/*.") from error
    configs = [config for config in (described.get("configs") if isinstance(described, dict) else None) or [] if config.get("data_files")]
    if not configs:
        return None
    patterns = [(str(config.get("config_name", "default")), split, path) for config in configs for split, path in _data_files(config["data_files"])]
    if len({(config, split) for config, split, _ in patterns}) > 1:
        offered = ", ".join(f"{config}/{split}: {root / path}" for config, split, path in patterns)
        raise FileFormatError(f"{root}: the data set has several splits. Name the files of one with a glob ({offered}).")
    found: list[str] = []
    for _, split, path in patterns:
        matches = sorted(glob.glob(str(root / path), recursive=True))  # noqa: PTH207 (the pattern is absolute)
        if not matches:
            raise FileFormatError(f"{root}: README.md names {path} for the split {split}, and no file matches. Fetch the data set again.")
        found += [file for file in matches if Path(file).is_file() and file not in found]
    return found


def _data_files(described: Any) -> Iterator[tuple[str, str]]:
    """(split, pattern) of what stands under `data_files`: a pattern, several, or several with their split."""
    for entry in described if isinstance(described, list) else [described]:
        split, paths = (entry.get("split", "train"), entry.get("path", [])) if isinstance(entry, dict) else ("train", entry)
        for path in paths if isinstance(paths, list) else [paths]:
            yield str(split), str(path)


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


def _refuse_several_splits(root: Path, files: Sequence[str]) -> None:
    splits: dict[str, str] = {}
    for file in files:
        relative = Path(file).relative_to(root)
        shard = _SHARD.match(relative.name)
        names = [*(relative.parts[:-1] if (root / "dataset_dict.json").is_file() else ()), *([shard["name"]] if shard else ())]
        for name in names:
            if name.lower() in _SPLITS or (root / name / "state.json").is_file():
                splits.setdefault(name, str(relative))
    if len(splits) > 1:
        raise FileFormatError(
            f"{root}: the data set has the splits {', '.join(sorted(splits))}. Name the files of one with a glob, such as those beside "
            f"{root / sorted(splits.items())[0][1]}."
        )


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
