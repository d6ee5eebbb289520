"""From settings to the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resources.web.settings import WebSettings

if TYPE_CHECKING:
    from resources.web.fetcher import WebFetcher


def open_web(settings: WebSettings | None = None) -> WebFetcher:
    """The public web, fetched as the settings (by default: the environment) say. Nothing is sent yet."""
    from resources.web.fetcher import WebFetcher

    return WebFetcher(settings or WebSettings.from_environment())
