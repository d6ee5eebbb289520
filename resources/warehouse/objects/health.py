"""Whether a warehouse on an object store can be used, for `dataflow doctor`."""

from __future__ import annotations

from resources.warehouse.objects import layout
from resources.warehouse.objects.bucket import Patience
from resources.warehouse.objects.opening import open_bucket, probe

_PATIENCE = Patience(request_seconds=10, retries=1, tries=1, most_seconds=20)


def look_at(address: str) -> str:
    """What is there, in a sentence. Raises WarehouseError where the store cannot be reached, or does not keep the conditions."""
    bucket = open_bucket(address, _PATIENCE)
    probe(bucket)
    pointers = bucket.list(layout.CURRENT)
    objects = bucket.list(layout.VERSIONS)
    size = sum(listed.size for listed in objects)
    return (
        f"{address}: {len(pointers)} tables or shards, {size / 1e6:,.1f} MB in {len(objects)} objects; the store keeps the conditions of its writes"
    )
