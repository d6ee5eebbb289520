"""The provider's side of a batch: upload, create, find again, ask, download. Over the openai package, as nothing here is hot."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from resources.llm.answers.masking import masked
from resources.llm.answers.reply import BackendError
from resources.llm.backends.batch.batch_state import BatchState, id_in, state_in, states_in
from resources.llm.backends.http_client import HttpServer
from resources.llm.settings.base_url import shown
from resources.llm.settings.language_model import LLMSettings

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
        preset = settings.preset()
        self._purpose: Any = preset.batch_purpose if preset is not None else "batch"
        self._client = openai.AsyncOpenAI(
            base_url=shown(server.base_url),
            default_query=dict(parse_qsl(urlsplit(server.base_url).query)),
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
            said = await self._client.files.with_raw_response.create(file=(f"{MARK}-{token}.jsonl", lines), purpose=self._purpose)
            return id_in(said.http_response.content, self.name)
        except Exception as error:
            raise self._error_of(error) from None

    async def create(self, token: str, file_id: str, completion_window: Any) -> str:
        """The id of the batch. Where it is unclear whether it was created, the server is asked before it is created again."""
        once = self._client.with_options(max_retries=0)
        for attempt in range(1, _CREATE_ATTEMPTS + 1):
            try:
                said = await once.batches.with_raw_response.create(
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
                return await self._created(said.http_response.content, token, file_id)
        raise AssertionError("the last attempt returns or raises")

    async def _created(self, said: bytes, token: str, file_id: str) -> str:
        """The id in the answer to a creation; where none can be read there, the batch is looked for, as it was most likely created."""
        try:
            return state_in(said, self.name).id
        except BackendError as error:
            with suppress(BackendError):
                if (found := await self.find(token, file_id)) is not None:
                    return found
            raise BackendError(error.kind, error.message, retryable=True) from None

    async def find(self, token: str, file_id: str | None) -> str | None:
        """The id of the batch that was created under this token, or from this file; None where there is none."""
        seen: set[str] = set()
        more: dict[str, Any] = {}
        try:
            while True:
                said = await self._client.batches.with_raw_response.list(limit=100, **more)
                batches, has_more = states_in(said.http_response.content, self.name)
                for batch in batches:
                    if (batch.metadata or {}).get(MARK) == token or (file_id is not None and batch.input_file_id == file_id):
                        return batch.id
                if not has_more or not batches or batches[-1].id in seen or len(seen) >= _MOST_LISTED:
                    return None
                seen.update(batch.id for batch in batches)
                more = {"after": batches[-1].id}
        except Exception as error:
            raise self._error_of(error) from None

    async def state(self, batch_id: str) -> BatchState:
        try:
            said = await self._client.batches.with_raw_response.retrieve(batch_id)
            return state_in(said.http_response.content, self.name)
        except Exception as error:
            raise self._error_of(error) from None

    async def exists(self, batch_id: str) -> bool:
        """False only where the server says that it has no such batch."""
        import openai

        try:
            await self._client.batches.with_raw_response.retrieve(batch_id)
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

        if isinstance(error, BackendError):
            error.message = masked(error.message, self._settings.secrets())
            return error
        if isinstance(error, openai.APIStatusError):
            return self._errors.error(error.status_code, error.response.headers, error.response.content)
        if isinstance(error, openai.APIConnectionError):
            return BackendError("unavailable", f"{self.name} cannot be reached ({type(error).__name__})", retryable=True, unreachable=True)
        if isinstance(error, openai.OpenAIError):
            return BackendError("malformed", f"{self.name}: {masked(str(error), self._settings.secrets())}")
        return BackendError("malformed", f"{self.name} answered with what the client of batches cannot read ({type(error).__name__})")
