"""Opening a bucket, and making sure that its store keeps the conditions that the warehouse stands on."""

from __future__ import annotations

import datetime
import os
import secrets

from resources.warehouse.errors import WarehouseError
from resources.warehouse.objects.bucket import Bucket, Patience, Refused
from resources.warehouse.objects.failures import explained

PROBES = "probes"
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_ENDPOINT", "GOOGLE_BASE_URL")
"""Variables that say where a store is, if it is not where its company has it."""


def open_bucket(address: str, patience: Patience | None = None) -> Bucket:
    """Nothing is asked of the store yet. Credentials come from the environment alone.

    Raises:
        WarehouseError: the package is missing, or the environment has something that cannot be.
    """
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ModuleNotFoundError:
        raise WarehouseError(f"a warehouse on {address} needs the package obstore: pip install 'dataflow-dagster[object-store]'") from None
    patience = patience or Patience()
    try:
        store = from_url(
            address,
            client_options={
                "timeout": datetime.timedelta(seconds=patience.request_seconds),
                "connect_timeout": datetime.timedelta(seconds=patience.connect_seconds),
                # whoever names an endpoint without TLS, as of a server on this machine, means it
                "allow_http": any(os.environ.get(name, "").startswith("http://") for name in ENDPOINTS),
            },
            retry_config={
                "max_retries": patience.retries,
                "retry_timeout": datetime.timedelta(seconds=patience.most_seconds),
                "backoff": {"init_backoff": datetime.timedelta(seconds=0.1), "max_backoff": datetime.timedelta(seconds=5), "base": 2},
            },
        )
    except (BaseError, ValueError) as error:
        raise WarehouseError(f"{address} cannot be opened: {explained(error, address)}") from None
    return Bucket(address, store, patience)


def probe(bucket: Bucket) -> None:
    """Write one small object under all conditions, and remove it.

    Raises:
        WarehouseError: the store takes what it would have to refuse, or refuses what it would have to take.
    """
    key = f"{PROBES}/{secrets.token_hex(8)}"
    wrong = _wrong(bucket, key)
    bucket.delete([key])
    if wrong:
        raise WarehouseError(
            f"{bucket.address} cannot hold a warehouse: {wrong}. Two writers would overwrite each other's versions unseen. "
            "Amazon S3, Google Cloud Storage, Azure, MinIO, Ceph, R2 and SeaweedFS keep these conditions in their present versions; "
            "a proxy in between may drop their headers."
        )


def _wrong(bucket: Bucket, key: str) -> str:
    """Empty where the store does as it should."""
    try:
        first = bucket.create(key, b"first")
    except Refused:
        return "an object that was not there was refused as if it were (If-None-Match: *)"
    if bucket.try_condition(key, b"again", None) is not None:
        return "an object that was there was replaced although the condition If-None-Match: * forbids it"
    try:
        bucket.replace(key, b"second", first)
    except Refused:
        return "an object could not be replaced under its own ETag (If-Match)"
    if bucket.try_condition(key, b"third", first) is not None:
        return "an object was replaced under the ETag of an older one although the condition If-Match forbids it"
    found = bucket.get(key)
    if found is None or found.body != b"second":
        return "what was written is not what is read right afterwards"
    return ""
