"""The objects below one address: what the warehouse asks of an object store, with plain errors and bounded retries."""

from __future__ import annotations

import datetime
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from resources.warehouse.errors import WarehouseError
from resources.warehouse.objects.failures import explained, names_no_bucket

if TYPE_CHECKING:
    from obstore import UpdateVersion
    from obstore.store import ObjectStore

Result = TypeVar("Result")
DELETED_AT_ONCE = 1000


class Tag(NamedTuple):
    """What an object is known by as long as nobody replaces it: its ETag, and on Google Cloud Storage its generation."""

    e_tag: str | None
    version: str | None


class Found(NamedTuple):
    """An object that was read."""

    body: bytes
    tag: Tag


class Listed(NamedTuple):
    """An object in a list; `modified` by the clock of the store."""

    key: str
    size: int
    modified: datetime.datetime


class Refused(Exception):
    """The object is there already, or was replaced since its tag was read."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how often to try again."""

    request_seconds: float = 120.0
    """For one request, such as the upload of 32 MB."""
    connect_seconds: float = 10.0
    retries: int = 4
    """By the client itself, of a request that was answered 5xx or not at all."""
    tries: int = 3
    """Of the whole, which also mends bodies that were cut."""
    most_seconds: float = 180.0
    """After that nothing is tried again."""


class Bucket:
    """Objects by key, relative to the address. All of it may be called from several threads."""

    def __init__(self, address: str, store: ObjectStore, patience: Patience | None = None) -> None:
        self.address = address
        self._store = store
        self._patience = patience or Patience()

    def get(self, key: str) -> Found | None:
        """The whole object; None where there is none."""
        import obstore

        def read() -> Found:
            found = obstore.get(self._store, key)
            body = bytes(found.bytes())
            if len(body) != found.meta["size"]:
                raise _Cut(f"{len(body)} of {found.meta['size']} bytes came")
            return Found(body, Tag(found.meta.get("e_tag"), found.meta.get("version")))

        try:
            return self._bounded("read", key, read)
        except FileNotFoundError:
            return None

    def read(self, key: str, start: int, length: int) -> bytes:
        """Bytes of an object that is known to be there. Raises WarehouseError where it is not."""
        import obstore

        def read() -> bytes:
            body = bytes(obstore.get_range(self._store, key, start=start, length=length))
            if len(body) != length:
                raise _Cut(f"{len(body)} of {length} bytes came")
            return body

        try:
            return self._bounded("read", key, read)
        except FileNotFoundError:
            raise WarehouseError(f"{self.address}/{key} is gone: it was removed by something else than this project.") from None

    def put(self, key: str, body: bytes | memoryview) -> None:
        """Whatever was there. Only for keys that nobody else writes."""
        import obstore

        self._bounded("write", key, lambda: obstore.put(self._store, key, body, use_multipart=False))

    def create(self, key: str, body: bytes) -> Tag:
        """`body` has to differ from what anybody else would write there.

        Raises:
            Refused: there is such an object.
        """
        return self._put_if(key, body, None)

    def replace(self, key: str, body: bytes, tag: Tag) -> Tag:
        """`body` has to differ from what anybody else would write there.

        Raises:
            Refused: the object is not the one that has this tag.
        """
        return self._put_if(key, body, tag)

    def try_condition(self, key: str, body: bytes, tag: Tag | None) -> Tag | None:
        """The tag of what was written; None where the store refused. `tag` None: only if there is no such object."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        def write() -> Tag | None:
            try:
                written = obstore.put(self._store, key, body, mode="create" if tag is None else _version(tag), use_multipart=False)
            except (AlreadyExistsError, PreconditionError):
                return None
            return Tag(written["e_tag"], written["version"])

        return self._bounded("write", key, write)

    def modified(self, key: str) -> datetime.datetime | None:
        """When an object was written, by the clock of the store; None where there is none."""
        import obstore

        try:
            modified: datetime.datetime = self._bounded("look at", key, lambda: obstore.head(self._store, key))["last_modified"]
            return modified
        except FileNotFoundError:
            return None

    def list(self, prefix: str) -> list[Listed]:
        """All objects whose keys begin with `prefix` and a slash."""
        import obstore

        def read() -> list[Listed]:
            return [Listed(found["path"], found["size"], found["last_modified"]) for page in obstore.list(self._store, prefix) for found in page]

        return self._bounded("list", prefix, read)

    def delete(self, keys: Sequence[str], tries: int | None = None) -> None:
        """Those that are there."""
        import obstore

        for start in range(0, len(keys), DELETED_AT_ONCE):
            part = list(keys[start : start + DELETED_AT_ONCE])
            try:
                self._bounded("delete", part[0], lambda part=part: obstore.delete(self._store, part), tries)  # type: ignore[misc]
            except FileNotFoundError:
                for key in part:
                    self._delete_one(key)

    def _delete_one(self, key: str) -> None:
        import obstore

        try:
            self._bounded("delete", key, lambda: obstore.delete(self._store, key))
        except FileNotFoundError:
            return

    def _put_if(self, key: str, body: bytes, tag: Tag | None) -> Tag:
        written = self.try_condition(key, body, tag)
        if written is not None:
            return written
        # refused by what somebody else wrote, or by our own first try, whose answer was lost
        found = self.get(key)
        if found is not None and found.body == body:
            return found.tag
        raise Refused(key)

    def _bounded(self, what: str, key: str, act: Callable[[], Result], tries: int | None = None) -> Result:
        """Raises FileNotFoundError where there is no such object, and for everything else WarehouseError."""
        from obstore.exceptions import BaseError, GenericError

        began = time.monotonic()
        tries = tries or self._patience.tries
        for attempt in range(tries):
            try:
                return act()
            except FileNotFoundError as error:
                if names_no_bucket(error):
                    raise self._failed(what, key, error) from None
                raise
            except (_Cut, GenericError, TimeoutError) as error:
                if attempt + 1 == tries or time.monotonic() - began > self._patience.most_seconds:
                    raise self._failed(what, key, error) from None
                time.sleep(0.2 * 3**attempt * random.uniform(0.5, 1.5))  # who was refused together does not come back together
            except (BaseError, OSError, ValueError) as error:
                raise self._failed(what, key, error) from None
        raise AssertionError("the last attempt returns or raises")

    def _failed(self, what: str, key: str, error: Exception) -> WarehouseError:
        # the cause is cut off: its text may show an address with a signature
        return WarehouseError(f"{self.address}: cannot {what} {key}: {explained(error, self.address)}")


class _Cut(Exception):
    """Fewer bytes came than were told."""


def _version(tag: Tag) -> UpdateVersion:
    version: UpdateVersion = {}
    if tag.e_tag is not None:
        version["e_tag"] = tag.e_tag
    if tag.version is not None:
        version["version"] = tag.version
    return version
