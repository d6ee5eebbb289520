"""What an object store's failure means, in a sentence without keys and signatures."""

from __future__ import annotations

import os
import re

_STATUS = re.compile(r"status code: (\d{3})(?: ([A-Z][A-Za-z ]+))?")
_CODE, _MESSAGE = re.compile(r"<Code>([^<]{1,80})</Code>"), re.compile(r"<Message>([^<]{1,300})</Message>")
_QUERY = re.compile(r"\?[^\s\"')]*")
_ABOUT_KEYS = re.compile("credential|access key|account must be specified|service account", re.IGNORECASE)
_SECRET = re.compile(r"KEY|SECRET|TOKEN|SAS|PASSWORD|CREDENTIAL")
_OF_STORES = ("AWS_", "AZURE_", "GOOGLE_")
_PATHS = re.compile(r"_FILE$|^GOOGLE_(APPLICATION_CREDENTIALS|SERVICE_ACCOUNT)$")
"""Variables with a secret in the name that hold the path of a file."""
_SHORTEST_SECRET = 6
_LONGEST = 300

_VARIABLES = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL",
    "az": "AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
}
"""What says who asks, by the scheme of the address."""
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound")
"""The codes of S3 and Google, and of Azure."""
_FULL = ("QuotaExceeded", "InsufficientCapacity", "InsufficientStorage", "507")
_KEYS = ("401", "403", "InvalidAuthenticationInfo")
_REMEDIES = {
    **dict.fromkeys(_NO_BUCKET, "Make the bucket first, or correct the address."),
    **dict.fromkeys(_FULL, "The store is full: free some space (dataflow gc), or raise the quota, and run again."),
    **dict.fromkeys(("SlowDown", "ServerBusy"), "The store asks for fewer requests: start fewer processes at once."),
    "503": "The store is overloaded or down: try again later. What was published stays.",
}


def names_no_bucket(error: Exception) -> bool:
    """Whether the bucket or container itself is missing, and not an object in it."""
    return any(code in str(error) for code in _NO_BUCKET)


def explained(error: Exception, address: str) -> str:
    """The status and what the store at an address said of it, and what to do."""
    text = str(error)
    status, code, message = _STATUS.search(text), _CODE.search(text), _MESSAGE.search(text)
    if status:
        told = message[1].strip().partition("\n")[0] if message else ""  # ids of the request stand behind it
        said = " ".join(part for part in (status[1], (status[2] or "").strip(), code[1] if code else "", f"({told})" if told else "") if part)
    else:
        said = _QUERY.sub("", " ".join(text.partition("Debug source:")[0].split()))[:_LONGEST] or type(error).__name__
    codes = [code[1] if code else "", status[1] if status else ""]
    remedy = next((_REMEDIES[code] for code in codes if code in _REMEDIES), "")
    if not remedy and (set(codes) & set(_KEYS) or (not status and _is_about_keys(error))):
        remedy = f"{'Or there is no such bucket. ' if '403' in codes else ''}{_keys(address)}"
    return without_secrets(f"{said.rstrip('.')}. {remedy}".strip())


def _is_about_keys(error: Exception) -> bool:
    return type(error).__name__ in ("UnauthenticatedError", "PermissionDeniedError") or _ABOUT_KEYS.search(str(error)) is not None


def _keys(address: str) -> str:
    scheme = address.partition("://")[0]
    names = _VARIABLES["az" if scheme.startswith("abfs") else scheme]
    return f"Who asks is taken from the environment: {names}; see docs/warehouse.md."


def without_secrets(text: str) -> str:
    """The values of variables that may hold a key are blotted out."""
    for name, value in os.environ.items():
        if name.startswith(_OF_STORES) and _SECRET.search(name) and not _PATHS.search(name) and len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "***")
    return text
