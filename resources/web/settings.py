"""What a user may set about fetching. Nothing here opens a private address: see `resources.web.public_addresses`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

AGENT_VARIABLE: Final = "DATAFLOW_WEB_AGENT"

TYPES: Final = (
    *("text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/csv", "text/xml", "application/xml", "application/json"),
    *("application/pdf", "application/epub+zip", "application/msword"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


class WebSettings(BaseModel):
    """How pages are fetched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: str = Field(
        "dataflow-dagster (prepares training data)",
        min_length=3,
        pattern=r"^[\x20-\x7e]+$",
        description="Who asks, with a way to reach you; robots.txt is read for its first word. From DATAFLOW_WEB_AGENT.",
    )
    seconds: float = Field(30.0, gt=0, le=600, description="Longest time for one request, from connecting to the last byte of its answer.")
    megabytes: float = Field(20.0, gt=0, le=1000, description="Largest content, also after decompression.")
    redirects: int = Field(5, ge=0, le=20, description="Most redirects in a row. Each is checked like an address of its own.")
    types: tuple[str, ...] = Field(TYPES, min_length=1, description='Content types that are taken: "text/html", or "text/*".')
    seconds_between: float = Field(1.0, ge=0, le=600, description="Pause between two requests to one host; its robots.txt can ask for a longer one.")
    robots: bool = Field(True, description="Whether robots.txt is asked first. Only turn it off for sites of your own.")
    tries: int = Field(2, ge=1, le=10, description="How often a page is asked for while its server is overloaded.")
    max_in_flight: int = Field(16, ge=1, le=256, description="Pages under way at once, of all hosts.")

    cache: bool = Field(True, description="Keep pages, and use them again.")
    cache_days: float = Field(30.0, gt=0, description="How old a kept page may be.")
    cache_path: Path | None = Field(None, description="SQLite file of the pages. None: pages.sqlite in the cache folder (DATAFLOW_PAGES).")

    @property
    def most_bytes(self) -> int:
        return int(self.megabytes * 1_000_000)

    @classmethod
    def from_environment(cls, **settings: Any) -> Self:
        """What is not given comes from DATAFLOW_WEB_AGENT."""
        if (agent := os.environ.get(AGENT_VARIABLE, "").strip()) and "agent" not in settings:
            settings["agent"] = agent
        return cls(**settings)
