"""The head of a Hugging Face data set's README.md: YAML that may say which files are the rows, and of which configuration and split they are."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from operators.tables.files.errors import FileFormatError


class Described(NamedTuple):
    """The folder that holds the rows, and its files of the one split that is told; None where the card does not name files."""

    folder: Path
    files: list[str] | None


def described(root: Path) -> Described:
    """What README.md says of the rows; the whole folder where it says nothing.

    Raises FileFormatError: a head that is not understood, several splits or configurations, a named file that is not there.
    """
    configs = [config for config in _configs(root) if config.get("data_files") or config.get("data_dir")]
    if not configs:
        return Described(root, None)
    folders = {_name(config): root / str(config.get("data_dir") or ".") for config in configs}
    patterns = [(_name(config), split, path) for config in configs for split, path in _data_files(config.get("data_files") or [])]
    if len(folders) > 1 or len({split for _, split, _ in patterns}) > 1:
        offered = [f"{config}/{split}: {folders[config] / path}" for config, split, path in patterns]
        offered += [f"{config}: {folder}/**" for config, folder in folders.items() if config not in {named for named, _, _ in patterns}]
        raise FileFormatError(f"{root}: the data set has several splits. Name the files of one with a glob ({', '.join(offered)}).")
    (folder,) = folders.values()
    if not folder.is_dir():
        raise FileFormatError(f"{root}: README.md names the folder {folder}, which is not there. Fetch the data set again, or mend its data_dir.")
    return Described(folder, _matching(root, folder, patterns) if patterns else None)


def _configs(root: Path) -> list[dict[str, Any]]:
    readme = root / "README.md"
    if not readme.is_file():
        return []
    import yaml  # takes a while, and few tables are such folders

    head = re.match(r"---[ \t\r]*\n(.*?)\n---\s*(\n|\Z)", readme.read_text("utf-8", errors="replace"), re.DOTALL)
    remedy = f"Mend it, or name the files with a glob, such as {root}/data/*."
    try:
        found = yaml.safe_load(head[1]) if head else None
    except (yaml.YAMLError, ValueError) as error:
        raise FileFormatError(f"{readme}: its head is not YAML ({error}). {remedy}") from error
    configs = (found.get("configs") if isinstance(found, dict) else None) or []
    if not isinstance(configs, list) or not all(isinstance(config, dict) for config in configs):
        raise FileFormatError(f'{readme}: "configs" in its head is not a list of data_files or data_dir, each with its config_name. {remedy}')
    return configs


def _name(config: dict[str, Any]) -> str:
    return str(config.get("config_name", "default"))


def _data_files(described: Any) -> Iterator[tuple[str, str]]:
    """(split, pattern) of what stands under `data_files`: a pattern, several, several with their split, or splits with their patterns."""
    if isinstance(described, dict) and "path" not in described:
        described = [{"split": split, "path": paths} for split, paths in described.items()]
    for entry in described if isinstance(described, list) else [described]:
        split, paths = (entry.get("split", "train"), entry.get("path", [])) if isinstance(entry, dict) else ("train", entry)
        for path in paths if isinstance(paths, list) else [paths]:
            yield str(split), str(path)


def _matching(root: Path, folder: Path, patterns: list[tuple[str, str, str]]) -> list[str]:
    found: dict[str, None] = {}
    for _, split, path in patterns:
        matches = sorted(glob.glob(f"{glob.escape(str(folder))}/{path}", recursive=True))  # noqa: PTH207 (the pattern is absolute)
        if not matches:
            raise FileFormatError(f"{root}: README.md names {path} for the split {split}, and no file matches. Fetch the data set again.")
        found |= dict.fromkeys(file for file in matches if Path(file).is_file())
    return list(found)
