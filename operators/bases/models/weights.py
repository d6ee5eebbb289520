"""Where the weights of a model are: a folder here, the cache of the hub, or the hub."""

from __future__ import annotations

from pathlib import Path

from operators.tables.errors import Problem, StageFailed, first_line

_FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]
_OLDER_FILES = [*_FILES, "*.bin"]


def weights_problems(operator: str, weights: str) -> list[Problem]:
    """What is known to be wrong before anything runs: a folder that does not exist. Of a repository on the hub, only fetching it will tell."""
    if not weights or Path(weights).expanduser().exists() or _may_be_on_the_hub(weights):
        return []
    return [Problem(f'{operator}: there is no folder "{weights}" with weights', suggestion="give a FOLDER that exists, or OWNER/NAME on the hub")]


def _may_be_on_the_hub(weights: str) -> bool:
    return weights.count("/") == 1 and not weights.startswith((".", "/", "~"))


def find_weights(weights: str, wanted_by: str, files: list[str] | None = None) -> Path:
    """The folder (or file) of the weights. `files` are those to fetch from the hub, where not what transformers reads.

    Raises:
        StageFailed: they are not here and cannot be fetched; the message says what to do.
    """
    path = Path(weights).expanduser()
    if path.exists():
        return path
    if files is not None:
        return _fetched(weights, files, wanted_by)
    folder = _fetched(weights, _FILES, wanted_by)
    return folder if any(folder.rglob("*.safetensors")) else _fetched(weights, _OLDER_FILES, wanted_by)


def _fetched(weights: str, files: list[str], wanted_by: str) -> Path:
    """From the hub, or from its cache on this machine."""
    if not _may_be_on_the_hub(weights):
        raise StageFailed(f'{wanted_by}: there is no folder "{weights}". Give weights="FOLDER", or the name of a repository on the hub, OWNER/NAME.')
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(weights, allow_patterns=files))
    except Exception as error:
        raise StageFailed(
            f'{wanted_by} needs the weights "{weights}", which are not on this machine and could not be fetched ({first_line(error)}). '
            f'Run "hf download {weights}" where there is a network, or give weights="FOLDER".'
        ) from error


def find_fasttext(weights: str, wanted_by: str) -> Path:
    """The one fastText file (.bin or .ftz) of the weights.

    Raises:
        StageFailed: there is none, or more than one.
    """
    path = Path(weights).expanduser()
    if not path.exists():
        path = _fetched(weights, ["*.bin", "*.ftz"], wanted_by)
    files = [path] if path.is_file() else sorted([*path.glob("*.bin"), *path.glob("*.ftz")])
    if len(files) != 1:
        raise StageFailed(f"{wanted_by}: {path} has {len(files)} fastText files (.bin, .ftz): give weights=FILE.")
    return files[0]
