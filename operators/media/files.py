"""Pictures and sounds in cells: bytes, addresses, or names of files below one folder."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from operators.core.operator import Operator

_MEGABYTE = 1_000_000
_LONGEST_NAME = 1000
"""Characters."""


class ReadsFiles(Operator, abstract=True):
    """A row's name of a file is not believed: it is read only below `folder`, after links, where it is a plain file of at most `max_megabytes`."""

    folder: str = Field(".", description="Folder below which the files of the rows lie; their names are relative to it.")
    max_megabytes: float = Field(20.0, gt=0, description="Largest file, in millions of bytes; one that is larger sets its row aside.")

    def content(self, cell: Any) -> bytes:
        """The bytes of a cell: bytes, a data URL, the name of a file, or what `datasets` makes of these, a struct of bytes and path.

        Raises:
            ValueError: it is none of these, the file lies elsewhere, is no plain file, or is too large.
            OSError: the file cannot be read.
        """
        if isinstance(cell, Mapping) and {*cell} == {"bytes", "path"}:
            cell = cell["path"] if cell["bytes"] is None else cell["bytes"]
        if isinstance(cell, bytes):
            content = cell
        elif isinstance(cell, str) and cell.strip():
            content = self._content_named(cell.strip())
        else:
            raise ValueError(f"a cell should hold bytes or the name of a file, not {str(cell)[:60]!r}")
        if len(content) > self.max_megabytes * _MEGABYTE:
            raise ValueError(f"{len(content):,} bytes are more than max_megabytes={self.max_megabytes:g}")
        return content

    def _content_named(self, name: str) -> bytes:
        if name.startswith(("http://", "https://")):
            raise ValueError(f"{name[:80]} is an address, and no address is fetched: give the file, or its bytes")
        if not name.startswith("data:"):
            return self._read(name)
        head, _, encoded = name.partition(",")
        try:
            if not head.endswith(";base64"):
                raise ValueError
            return base64.b64decode("".join(encoded.split()), validate=True)
        except (ValueError, binascii.Error):
            raise ValueError(f"{name[:60]}: the data URL does not hold base64") from None

    def _read(self, name: str) -> bytes:
        if "\0" in name:
            raise ValueError("the name of a file holds a null character")
        if len(name) > _LONGEST_NAME:
            raise ValueError(f"{name[:40]}… ({len(name):,} characters) is no name of a file; base64 is given as data:image/png;base64,...")
        folder = Path(self.folder).resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise ValueError(f"{name} lies outside the folder {self.folder}: set `folder` to the one that holds the files")
        if path.exists() and not path.is_file():
            raise ValueError(f"{name} is no plain file")
        with path.open("rb") as file:
            return file.read(int(self.max_megabytes * _MEGABYTE) + 1)
