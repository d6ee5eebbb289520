"""How a converter says that it goes on: a page that was read by OCR starts the clock anew."""

from __future__ import annotations

from collections.abc import Callable


class Progress:
    """One for a process. Outside a worker process nobody listens."""

    def __init__(self) -> None:
        self._tell: Callable[[], None] | None = None

    def heard_by(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def page_read(self) -> None:
        if self._tell is not None:
            self._tell()


PROGRESS = Progress()
