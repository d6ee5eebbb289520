"""The one error of bringing a file."""

from __future__ import annotations


class FetchFailed(Exception):
    """A file could not be brought, or is not what it must be."""
