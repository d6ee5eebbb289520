"""Servers that users name instead of describing: address, variable of the key, and what they can do."""

from __future__ import annotations

import difflib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError

PROVIDERS_VARIABLE = "DATAFLOW_LLM_PROVIDERS"
EMBEDDED = "embedded"
"""The name of the model inside this process, for who wants it although the environment names a server."""
GATEWAY = "dataflow"
"""`dataflow serve`: our own engine behind an address. Any base_url on this machine or network may be one too."""
VLLM_OFFLINE = "vllm-offline"
"""vLLM inside this process."""
IN_PROCESS = (EMBEDDED, VLLM_OFFLINE)
"""Providers without an address."""

GivenTextManner: TypeAlias = Literal["echo", "llama.cpp", "none"]
"""How a server is asked for the log-probabilities of a given text: echoed_prompt.py, forced_decoding.py, or in vain."""


class Provider(BaseModel):
    """One entry of providers.yaml, which says what the fields mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    base_url: str
    key_variable: str = ""
    key_is_optional: bool = False
    json_schema: Literal["strict", "schema", "json_object", "instructions"] = "strict"
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    logprobs: bool = True
    given_text: GivenTextManner = "echo"
    seed: bool = True
    n: bool = True
    batch: bool = False
    batch_purpose: str = "batch"
    start: str = ""

    def key(self) -> str | None:
        """From the environment.

        Raises:
            ValueError: it needs one and has none.
        """
        key = os.environ.get(self.key_variable, "").strip() if self.key_variable else ""
        if not key and self.key_variable and not self.key_is_optional:
            raise ValueError(f"the provider {self.name} needs a key: export {self.key_variable}=..., or name another variable in api_key_variable.")
        return key or None


def providers() -> dict[str, Provider]:
    """By name: the user's, then the project's.

    Raises:
        ValueError: a file that does not hold providers.
    """
    given = os.environ.get(PROVIDERS_VARIABLE)
    return {**_read(Path(__file__).with_name("providers.yaml")), **(_read(Path(given)) if given else {})}


def provider(name: str) -> Provider:
    """Raises ValueError for a name that no file has."""
    known = providers()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, [*known, *IN_PROCESS], 1)
    meant = f' Did you mean "{close[0]}"?' if close else ""
    raise ValueError(
        f'no provider is called "{name}"; there are {", ".join([*sorted(known), *IN_PROCESS])}.{meant} Describe your own in a file that '
        f"{PROVIDERS_VARIABLE} names, or give base_url."
    )


@lru_cache(maxsize=8)
def _read(file: Path) -> dict[str, Provider]:
    import yaml

    try:
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return {str(name): Provider.model_validate({"name": str(name), **entry}) for name, entry in content.items()}
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValidationError) as error:
        raise ValueError(f"{file} does not hold providers: {error}. Write each as resources/llm/settings/providers.yaml does.") from error
