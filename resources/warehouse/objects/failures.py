"""What an object store's failure means, in a sentence without keys and signatures."""

from __future__ import annotations

import os
import re

_STATUS = re.compile(r"status code: (\d{3})(?: ([A-Z][A-Za-z ]+))?")
_CODE, _MESSAGE = re.compile(r"<Code>([^<]{1,80})</Code>"), re.compile(r"<Message>([^<]{1,300})</Message>")
_QUERY = re.compile(r"\?[^\s\"')]*")
_SECRET = re.compile(r"KEY|SECRET|TOKEN|SAS|PASSWORD|CREDENTIAL")
_OF_STORES = ("AWS_", "AZURE_", "GOOGLE_")
_SHORTEST_SECRET = 6
_LONGEST = 300

KEYS = (
    "Credentials and the endpoint come from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL; "
    "see docs/warehouse.md."
)
_REMEDIES = {
    "NoSuchBucket": "Make the bucket first, or correct the address.",
    "QuotaExceeded": "The store is full: free some space (dataflow gc), or raise the quota, and run again.",
    "InsufficientCapacity": "The store is full: free some space (dataflow gc), and run again.",
    "InsufficientStorage": "The store is full: free some space (dataflow gc), and run again.",
    "507": "The store is full: free some space (dataflow gc), and run again.",
    "401": KEYS,
    "403": f"Or there is no such bucket. {KEYS}",
    "SlowDown": "The store asks for fewer requests: start fewer processes at once.",
    "503": "The store is overloaded or down: try again later. What was published stays.",
}


def explained(error: Exception) -> str:
    """The status and what the store said of it, and what to do."""
    text = str(error)
    status, code, message = _STATUS.search(text), _CODE.search(text), _MESSAGE.search(text)
    if status:
        said = " ".join(
            part for part in (status[1], (status[2] or "").strip(), code[1] if code else "", f"({message[1]})" if message else "") if part
        )
    else:
        said = _QUERY.sub("", " ".join(text.split()))[:_LONGEST] or type(error).__name__
    keys = [code[1] if code else "", status[1] if status else ""]
    remedy = next((_REMEDIES[key] for key in keys if key in _REMEDIES), "")
    if not status and type(error).__name__ in ("UnauthenticatedError", "PermissionDeniedError"):
        remedy = KEYS
    if not status and "credential" in text.lower():
        remedy = KEYS
    return without_secrets(f"{said}. {remedy}".strip())


def without_secrets(text: str) -> str:
    """The values of variables that may hold a key are blotted out."""
    for name, value in os.environ.items():
        if name.startswith(_OF_STORES) and _SECRET.search(name) and len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "***")
    return text
