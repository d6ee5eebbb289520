"""What a worker process is told: JSON, then the file's bytes. It answers with a conversion as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson

from resources.documents.options import Options

READY: Final = b"ready"
"""Sent once the converter is imported: from here on the time limit counts."""
PAGE_READ: Final = b"page read"
"""Sent for each page that OCR has read: the time limit counts from the start again."""


@dataclass(frozen=True, slots=True)
class Task:
    kind: str
    module: str
    """Of `resources.documents.converters`."""
    identity: str
    """Name and version of the converter."""
    name: str
    """Of the file; nothing is decided by it but what texts look alike."""
    options: Options

    def to_json(self) -> bytes:
        name = self.name.encode("utf-8", "replace").decode()
        return orjson.dumps({"kind": self.kind, "module": self.module, "identity": self.identity, "name": name, "options": self.options.as_dict()})

    @classmethod
    def from_json(cls, content: bytes) -> Task:
        told = orjson.loads(content)
        return cls(told["kind"], told["module"], told["identity"], told["name"], Options.of(told["options"]))
