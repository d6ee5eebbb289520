"""What a user may write where a model is asked for: a name of the catalogue, the path of a GGUF file, or hf:OWNER/REPO/FILE."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from resources.fetching.cache_folder import cache_folder
from resources.fetching.errors import FetchFailed
from resources.fetching.files import Say, megabytes, sha256_of, writing_in
from resources.models import store
from resources.models.catalog import Carrier, ModelWeights, catalog
from resources.models.errors import ModelError, ModelMissing
from resources.models.gguf_header import read_header
from resources.models.hub import HubFile
from resources.models.store import ModelStatus

_HUB = "hf:"
_NO_TEMPLATE = "it has no chat template, so it was most likely not trained to answer, only to go on with a text"


@dataclass(frozen=True, slots=True)
class Model:
    """A model whose weights are here. `name` is what answers say that they come from."""

    name: str
    path: Path
    sha256: str
    use: Literal["language", "embedding"] = "language"
    caution: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of each request, unless the user's settings say otherwise."""


def get(reference: str, say: Say = lambda _: None, source: Path | None = None) -> Path:
    """The weights, fetched now if they are not there; an interrupted fetch goes on where it ended. `source`: a copy that is here already.

    Raises:
        ModelError: no such model, or no carrier could bring it.
    """
    if _is_path(reference):
        return find(reference).path
    known = _known(reference)
    if known is None or (_is_of_the_hub(known[1]) and not store.is_present(*known)):
        known = _asked_of_the_hub(reference, say)
    weights, target = known
    if not store.is_present(weights, target):
        store.fetch(weights, target, say, source)
    return target


def path(reference: str) -> Path:
    """The weights, which must be there already: nothing is fetched.

    Raises:
        ModelMissing: they are not.
    """
    return find(reference).path


def find(reference: str) -> Model:
    """The model, whose weights must be there already: nothing is fetched.

    Raises:
        ModelMissing: they are not there yet.
        ModelError: there is no such model, or its file is not one.
    """
    if _is_path(reference):
        return _own_file(Path(reference).expanduser().absolute())
    if (known := _known(reference)) is not None:
        weights, target = known
        if not store.is_present(weights, target):
            raise _missing(reference, target, f" ({megabytes(weights.download)}, once)")
        if _is_of_the_hub(target):
            return _described_by_its_header(target, weights.sha256)
        return Model(weights.name, target, weights.sha256, weights.use, weights.caution, weights.request)
    raise _missing(reference, _hub_target(_hub_file(reference)), "")


def list_models() -> list[ModelStatus]:
    """Every model of the catalogue, and whether its weights are here."""
    return [store.status_of(weights) for weights in catalog().values()]


def remove(reference: str) -> int:
    """Delete the weights that were fetched; how many bytes that freed. Files of the user's own are left alone.

    Raises:
        ModelError: it is a file of the user's own, or there is no such model.
    """
    if _is_path(reference):
        raise ModelError(f"{reference} is a file of your own: delete it yourself.")
    known = _known(reference)
    target = known[1] if known else _hub_target(_hub_file(reference))
    freed = store.remove(target) if target.parent.is_dir() else 0
    if _is_of_the_hub(target):
        _facts_file(target).unlink(missing_ok=True)
    return freed


def _is_path(reference: str) -> bool:
    if reference.startswith(_HUB):
        return False
    return reference.lower().endswith(".gguf") or (os.sep in reference and Path(reference).expanduser().is_file())


def _own_file(file: Path) -> Model:
    if not file.is_file():
        raise ModelError(f"there is no file {file}.")
    header = read_header(file)
    parts = [file.with_name(file.name.replace(f"-00001-of-{header.files:05}", f"-{n:05}-of-{header.files:05}")) for n in range(1, header.files + 1)]
    if absent := [part.name for part in parts if not part.is_file()]:
        raise ModelError(f"{file} is the first of {header.files} files of one model; beside it lacks {', '.join(absent)}.")
    for part in parts[1:]:
        read_header(part)
    return _described_by_its_header(file, sha256_of(*dict.fromkeys(parts)))


def _described_by_its_header(file: Path, sha256: str) -> Model:
    header = read_header(file)
    if header.makes_vectors:
        return Model(file.name, file, sha256, "embedding")
    return Model(file.name, file, sha256, caution="" if header.has_chat_template else _NO_TEMPLATE)


def _known(reference: str) -> tuple[ModelWeights, Path] | None:
    """What is known of it without asking anybody, and where its file is or would be. None for a file of the hub that was never fetched.

    Raises:
        ModelError: no model is called so.
    """
    models = catalog()
    if reference in models:
        return models[reference], store.target_of(models[reference])
    if not reference.startswith(_HUB):
        close = get_close_matches(reference, models, n=1)
        raise ModelError(
            f"no embedded model is called {reference!r}. There is: {', '.join(models)}; or give the path of a GGUF file, or hf:OWNER/REPO/FILE.gguf."
            + (f" Did you mean {close[0]!r}?" if close else "")
        )
    file = _hub_file(reference)
    for weights in models.values():
        if any(carrier.hub == str(file) for carrier in weights.carriers):
            return weights, store.target_of(weights)
    target = _hub_target(file)
    if not _facts_file(target).is_file():
        return None
    facts = json.loads(_facts_file(target).read_text(encoding="utf-8"))
    return _weights_of(file, facts["size"], facts["sha256"]), target


def _asked_of_the_hub(reference: str, say: Say) -> tuple[ModelWeights, Path]:
    file = _hub_file(reference)
    say(f"asking the hub for {file}")
    try:
        size, sha256 = file.size_and_sha256()
        target = _hub_target(file)
        with writing_in(target.parent):
            written = target.with_name(f".{target.name}.json.{os.getpid()}")
            written.write_text(json.dumps({"size": size, "sha256": sha256}), encoding="utf-8")
            written.replace(_facts_file(target))
    except FetchFailed as error:
        raise ModelError(str(error)) from error
    return _weights_of(file, size, sha256), target


def _weights_of(file: HubFile, size: int, sha256: str) -> ModelWeights:
    name, page = Path(file.file).name, f"{file.owner}/{file.repository}"
    return ModelWeights(
        name=name,
        description=f"a file of the hub: {file}",
        licence=f"as the page of {page} says",
        file=name,
        size=size,
        sha256=sha256,
        carriers=(Carrier(hub=str(file)),),
    )


def _hub_file(reference: str) -> HubFile:
    try:
        file = HubFile.parse(reference.removeprefix(_HUB))
    except FetchFailed as error:
        raise ModelError(str(error)) from error
    if "-of-0" in file.file:
        raise ModelError(f"{file} is one of several files of a model: fetch them all into one folder and give the path of the first.")
    return file


def _hub_folder() -> Path:
    return cache_folder("models") / "hub"


def _hub_target(file: HubFile) -> Path:
    return _hub_folder() / file.owner / file.repository / file.file


def _facts_file(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def _is_of_the_hub(target: Path) -> bool:
    return target.is_relative_to(_hub_folder())


def _missing(reference: str, target: Path, size: str) -> ModelMissing:
    return ModelMissing(f"the weights of {reference!r} are not in {target.parent}: run `dataflow models get {reference}`{size}.")
