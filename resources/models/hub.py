"""Files of the Hugging Face hub: their address, the hub's own cache on this machine, and what the hub says of a file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from resources.fetching.carriers import LocalFile, WebFile
from resources.fetching.errors import FetchFailed
from resources.fetching.http import head

ENDPOINT_VARIABLE = "HF_ENDPOINT"
TOKEN_VARIABLE = "HF_TOKEN"
_FILE = re.compile(r"([\w.-]+)/([\w.-]+)/((?:[\w.-]+/)*[\w.-]+)")


@dataclass(frozen=True, slots=True)
class HubFile:
    owner: str
    repository: str
    file: str

    @classmethod
    def parse(cls, text: str) -> HubFile:
        """Raises FetchFailed for what is not OWNER/REPO/FILE."""
        match = _FILE.fullmatch(text)
        if match is None or ".." in text.split("/"):
            raise FetchFailed(f"{text!r} is not OWNER/REPO/FILE, such as Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf")
        return cls(*match.groups())

    def __str__(self) -> str:
        return f"{self.owner}/{self.repository}/{self.file}"

    @property
    def url(self) -> str:
        endpoint = os.environ.get(ENDPOINT_VARIABLE, "").rstrip("/") or "https://huggingface.co"
        return f"{endpoint}/{self.owner}/{self.repository}/resolve/main/{self.file}"

    def carriers(self) -> list[LocalFile | WebFile]:
        """Copies that other programs fetched from the hub, then the hub."""
        home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
        snapshots = home / "hub" / f"models--{self.owner}--{self.repository}" / "snapshots"
        return [*(LocalFile(copy) for copy in sorted(snapshots.glob(f"*/{self.file}"))), WebFile(self.url, _token())]

    def size_and_sha256(self) -> tuple[int, str]:
        """What the hub says of the file, before it is fetched.

        Raises:
            FetchFailed: the hub is not there, does not have the file, or does not say its digest.
        """
        headers = {name.lower(): value for name, value in head(self.url, _token()).items()}
        size, digest = headers.get("x-linked-size", ""), headers.get("x-linked-etag", "").strip('"')
        if not size.isdigit() or not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise FetchFailed(f"{self.url} does not say its size and sha256, so it could not be checked: fetch it yourself and give its path")
        return int(size), digest


def _token() -> str:
    return os.environ.get(TOKEN_VARIABLE, "").strip()
