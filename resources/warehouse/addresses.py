"""Where a warehouse is: a folder, or the address of a bucket on an object store with a prefix."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote

from operators.engine.cache_folder import cache_folder

SCHEMES = ("s3", "gs", "az", "abfs", "abfss")
"""Amazon S3 and what speaks its protocol, Google Cloud Storage, Azure."""
VARIABLE = "DATAFLOW_WAREHOUSE"
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_TAKEN_FOR_A_FOLDER = re.compile(rf"(?:{'|'.join(SCHEMES)}):/[^/]")


def warehouse_root() -> str:
    """The folder or address of the tables: the environment variable DATAFLOW_WAREHOUSE, or warehouse/."""
    return os.environ.get(VARIABLE) or "warehouse"


def place_of(root: str | os.PathLike[str]) -> Path | str:
    """A folder as a Path, an address as text without a slash at its end.

    Raises:
        ValueError: it is an address that cannot be used.
    """
    given = os.fspath(root)
    if not (found := _ADDRESS.fullmatch(given)):
        if _TAKEN_FOR_A_FOLDER.match(given):
            raise ValueError(f"{given} was an address before Path() took a slash away: give it as text.")
        return Path(root)
    scheme, rest = found[1].lower(), found[2]
    if "?" in rest or "#" in rest or ("@" in rest.partition("/")[0] and not scheme.startswith("abfs")) or ":" in rest.partition("/")[0]:
        # it is not shown: there may be a key in it
        raise ValueError(
            f"the address of a warehouse on {scheme}:// is {scheme}://bucket/prefix and nothing more. "
            "Keys and endpoints are taken from environment variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL."
        )
    if scheme not in SCHEMES:
        raise ValueError(f"{scheme}:// is no place for a warehouse: give a folder, or an address that begins with {', '.join(SCHEMES)}.")
    bucket, _, prefix = rest.partition("/")
    parts = [part for part in prefix.split("/") if part]
    if not bucket or any(part in (".", "..") for part in parts):
        raise ValueError(f"{given}: no bucket, or a prefix with . or .. in it: give {scheme}://bucket/prefix.")
    return "/".join([f"{scheme}://{bucket}", *parts])


def local_folder(root: str | os.PathLike[str]) -> Path:
    """Where files lie that have to be on a disk, such as the answers of models (SQLite): the folder of the warehouse itself.

    Of one on an object store, a folder of this machine that belongs to its address, in DATAFLOW_LOCAL or the user's cache folder.
    """
    place = place_of(root)
    return place if isinstance(place, Path) else cache_folder("local") / quote(place, safe="")
