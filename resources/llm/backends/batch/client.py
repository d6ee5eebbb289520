"""The provider's side of a batch: upload, create, find again, ask, download. Over the openai package, as nothing here is hot."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from resources.llm.answers.masking import masked
from resources.llm.answers.reply import BackendError
from resources.llm.backends.http_client import HttpServer
from resources.llm.settings.language_model import LLMSettings

if TYPE_CHECKING:
    from openai.types import Batch

logger = logging.getLogger(__name__)

MARK = "dataflow"
"""Under this name the metadata of a batch hold our token."""
_MOST_LISTED = 2000
_CREATE_ATTEMPTS = 4


class BatchClient:
    """All methods raise BackendError."""

    def __init__(self, settings: LLMSettings) -> None:
        import openai

        key = settings.api_key.get_secret_value() if settings.api_key is not None else "none"
        headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        server = HttpServer(settings, provider=settings.provider)
        self.name = server.name
        self._errors = server.errors
        self._settings = settings
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=key,
            default_headers=headers,
            timeout=settings.timeout,
            max_retries=settings.retries,
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, timeout=settings.timeout),  # the key goes to nobody else
        )

    async def close(self) -> None:
        await self._client.close()

    async def upload(self, token: str, lines: bytes) -> str:
        """The id of the file."""
        try:
            file = await self._client.files.create(file=(f"{MARK}-{token}.jsonl", lines), purpose="batch")
        except Exception as error:
            raise self._error_of(error) from None
        return file.id

    async def create(self, token: str, file_id: str, completion_window: Any) -> str:
        """The id of the batch. Where it is unclear whether it was created, the server is asked before it is created again."""
        once = self._client.with_options(max_retries=0)
        for attempt in range(1, _CREATE_ATTEMPTS + 1):
            try:
                batch = await once.batches.create(
                    input_file_id=file_id, endpoint="/v1/chat/completions", completion_window=completion_window, metadata={MARK: token}
                )
            except Exception as caught:
                error = self._error_of(caught)
                if not error.retryable or attempt == _CREATE_ATTEMPTS:
                    raise error from None
                asked_for = min(error.retry_after or 0.0, self._settings.retry_after_most)
                await asyncio.sleep(asked_for or min(self._settings.retry_seconds * 2**attempt, self._settings.retry_seconds_most))
                found = await self.find(token, file_id)
                if found is not None:
                    return found
            else:
                return batch.id
        raise AssertionError("the last attempt returns or raises")

    async def find(self, token: str, file_id: str | None) -> str | None:
        """The id of the batch that was created under this token, or from this file; None where there is none."""
        seen = 0
        try:
            async for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(MARK) == token or (file_id is not None and batch.input_file_id == file_id):
                    return batch.id
                seen += 1
                if seen == _MOST_LISTED:
                    break
        except Exception as error:
            raise self._error_of(error) from None
        return None

    async def state(self, batch_id: str) -> Batch:
        try:
            return await self._client.batches.retrieve(batch_id)
        except Exception as error:
            raise self._error_of(error) from None

    async def exists(self, batch_id: str) -> bool:
        """False only where the server says that it has no such batch."""
        import openai

        try:
            await self._client.batches.retrieve(batch_id)
        except openai.NotFoundError:
            return False
        except Exception as error:
            raise self._error_of(error) from None
        return True

    async def download(self, file_id: str) -> bytes:
        try:
            return (await self._client.files.content(file_id)).content
        except Exception as error:
            raise self._error_of(error) from None

    def _error_of(self, error: Exception) -> BackendError:
        import openai

        if isinstance(error, openai.APIStatusError):
            return self._errors.error(error.status_code, error.response.headers, error.response.content)
        if isinstance(error, openai.APIConnectionError):
            return BackendError("unavailable", f"{self.name} cannot be reached ({type(error).__name__})", retryable=True, unreachable=True)
        if isinstance(error, openai.OpenAIError):
            return BackendError("malformed", f"{self.name}: {masked(str(error), self._settings.secrets())}")
        raise error
