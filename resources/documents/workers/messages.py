"""What a worker process is told: JSON, then the file's bytes. It answers with a conversion as JSON, or with pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson

from operators.document_model.pictures import PictureForm
from resources.documents.options import Options

READY: Final = b"ready"
"""Sent once the converter is imported: from here on the time limit counts."""
PAGE_READ: Final = b"page read"
"""Sent for each page that OCR has read: the time limit counts from the start again."""
PICTURE: Final = b"picture"
"""Sent before the bytes of each picture; why there is none comes as JSON instead."""
STOPPED: Final = b"stopped"
"""Sent where the pictures that are still missing cannot be made; why follows as JSON."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The pictures that are asked for, by their targets."""

    targets: tuple[str, ...]
    form: PictureForm


@dataclass(frozen=True, slots=True)
class Task:
    kind: str
    module: str
    """Of `resources.documents.converters`; of `resources.documents.pictures` where pictures are asked for."""
    identity: str
    """Name and version of the converter."""
    name: str
    """Of the file; nothing is decided by it but what texts look alike."""
    options: Options
    wanted: Wanted | None = None

    def to_json(self) -> bytes:
        name = self.name.encode("utf-8", "replace").decode()
        told = {"kind": self.kind, "module": self.module, "identity": self.identity, "name": name, "options": self.options.as_dict()}
        if self.wanted is not None:
            targets = [target.encode("utf-8", "replace").decode() for target in self.wanted.targets]
            told["wanted"] = {"targets": targets, "form": self.wanted.form.as_dict()}
        return orjson.dumps(told)

    @classmethod
    def from_json(cls, content: bytes) -> Task:
        told = orjson.loads(content)
        wanted = told.get("wanted")
        asked = None if wanted is None else Wanted(tuple(wanted["targets"]), PictureForm.of(wanted["form"]))
        return cls(told["kind"], told["module"], told["identity"], told["name"], Options.of(told["options"]), asked)
