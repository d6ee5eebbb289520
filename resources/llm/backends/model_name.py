"""The model that is meant when the user names none: the only one that the server has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from operators.asking.answers import ServingStopped, ServingUnreachable
from resources.llm.answers.masking import masked
from resources.llm.answers.reply import BackendError
from resources.llm.backends.http_client import HttpServer
from resources.llm.settings.base_url import endpoint, shown

if TYPE_CHECKING:
    import aiohttp

_MOST_SHOWN = 20
_ATTEMPTS = 3
_LONGEST_NAME = 300


async def only_model(session: aiohttp.ClientSession, server: HttpServer) -> str:
    """Raises ServingStopped when the server cannot be asked, or has no model or several."""
    address, variable = shown(server.base_url), server.settings.model_variable
    status, headers, content = await _ask(session, server)
    if status != 200:
        problem = server.error(status, headers, content).message
        raise ServingStopped(f"{variable} is not set, and {address} does not list its models: {problem} Set {variable} (or model).")
    try:
        names = [masked(str(model["id"])[:_LONGEST_NAME], server.secrets) for model in orjson.loads(content)["data"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        problem = f"{variable} is not set, and {address} answered the question for its models with something else."
        raise ServingStopped(f"{problem} Set {variable} (or model).") from None
    if len(names) == 1:
        return names[0]
    listed = ", ".join(names[:_MOST_SHOWN]) + (f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else "")
    has = f"has {len(names)} models: {listed}" if names else "has no model"
    raise ServingStopped(f"{variable} is not set, and {address} {has}. Set {variable} (or model) to one of them.")


async def _ask(session: aiohttp.ClientSession, server: HttpServer) -> tuple[int, Mapping[str, str], bytes]:
    failure = BackendError("unavailable", "not asked")
    for attempt in range(_ATTEMPTS):
        await asyncio.sleep(server.settings.retry_seconds * attempt)
        try:
            status, headers, content, _ = await server.exchange(session, "GET", endpoint(server.base_url, "/models"))
        except BackendError as error:
            failure = error
        else:
            return status, headers, content
    raise ServingUnreachable(f"{failure.message}. {failure.remedy or server.remedy}")
