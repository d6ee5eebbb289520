"""What is known of a server behind an address by those who ask it something beside chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from resources.llm.settings.language_model import LLMSettings


class AsksServer(Protocol):
    """A connection to one model of a server."""

    model: str
    name: str
    settings: LLMSettings
    context_tokens: float | None
    """How long a prompt may be, once somebody asked."""

    async def send(self, path: str, body: Mapping[str, Any] | None, at_root: bool = False, context: int | None = None) -> tuple[bytes, float]:
        """What the server answers, and after how many seconds. `at_root`: beside /v1, where servers keep what is not OpenAI's; no body: a GET.

        `context`: of a prompt to be weighed, how many characters stand before the text that is meant, for a gateway.

        Raises:
            BackendError: no answer, or one that refuses.
        """
        ...
