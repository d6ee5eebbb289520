"""The phrases by which C4 drops lines and pages (Raffel et al. 2020)."""

from __future__ import annotations

from typing import Final

PHRASES: Final = (
    ("lorem ipsum", 7),
    ("javascript", 0),
    ("terms of use", 3),
    ("privacy policy", 3),
    ("cookie policy", 3),
    ("uses cookies", 8),
    ("use of cookies", 10),
    ("use cookies", 7),
)
"""A line with the first drops its page; one with another is dropped. The number is where in it two letters stand that are rare in texts: these are
looked for."""
