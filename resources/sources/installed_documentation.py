"""Real, noisy documents that every installation has: what the installed Python packages say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pyarrow as pa

from resources.sources.listed import ListedRows

_DOCUMENT_NAMES = re.compile(
    r"(^|/)(readme|license|licence|copying|notice|changes|changelog|history|authors|contributing|security)[^/]*\.(md|rst|txt)$", re.IGNORECASE
)
_LARGEST_FILE = 200_000


class InstalledDocumentation(ListedRows):
    """The long descriptions (READMEs) of the installed packages, the text files that they bring along (licences, changelogs, READMEs) and
    Python's own help topics. A few hundred documents full of HTML, badges and near-duplicates, with columns `text`, `url` and `package`.
    """

    columns = dict.fromkeys(("text", "url", "package"), pa.string())

    def rows(self) -> Iterator[dict[str, str]]:
        return _documents()


def _documents() -> Iterator[dict[str, str]]:
    """In an order that depends on names alone, so that the same installation gives the same table."""
    for distribution in sorted(metadata.distributions(), key=lambda found: (found.metadata["Name"] or "").lower()):
        name = distribution.metadata["Name"] or "unknown"
        description = distribution.metadata.get_payload()  # type: ignore[attr-defined]
        if not isinstance(description, str) or not description.strip():
            description = distribution.metadata["Description"] or ""
        if description.strip():
            yield {"text": description, "url": distribution.metadata["Home-page"] or f"pkg:pypi/{name}", "package": name}
        yield from _files_of(distribution, name)
    yield from _help_topics()


def _files_of(distribution: metadata.Distribution, name: str) -> Iterator[dict[str, str]]:
    for file in sorted(distribution.files or (), key=str):
        if not _DOCUMENT_NAMES.search(str(file)):
            continue
        path = Path(str(file.locate()))
        if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
            text = path.read_bytes().decode("utf-8", errors="replace").replace("\0", "")
            if text.strip():
                yield {"text": text, "url": f"pkg:pypi/{name}#{file}", "package": name}


def _help_topics() -> Iterator[dict[str, str]]:
    from pydoc_data.topics import topics

    for topic in sorted(topics):
        yield {"text": topics[topic], "url": f"pydoc:{topic}", "package": "python"}
