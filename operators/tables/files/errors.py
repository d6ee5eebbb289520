"""What a user is told when a file cannot be read or written as asked."""

from __future__ import annotations


class FileFormatError(ValueError):
    """The content or the name of a file does not fit; the message says where and what to do."""


class BadLine(ValueError):
    """One line cannot be read. It becomes a `BadRow`; it never leaves this package."""
