"""Why something was not fetched."""

from __future__ import annotations


class Refused(Exception):
    """This address is not fetched; the message says why."""


class Unanswered(Refused):
    """Its server gave no answer that can be used: it may later."""


class TooLarge(Refused):
    """There is more of it than is taken."""
