"""What a user may set about an embedding model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from resources.llm.settings.server import ServerSettings, key_in

BASE_URL_VARIABLE = "DATAFLOW_EMBEDDING_BASE_URL"
MODEL_VARIABLE = "DATAFLOW_EMBEDDING_MODEL"
API_KEY_VARIABLE = "DATAFLOW_EMBEDDING_API_KEY"


class EmbeddingSettings(ServerSettings):
    """Settings of one embedding model. Without `base_url` the embedded model serves."""

    model_variable: ClassVar[str] = MODEL_VARIABLE

    max_in_flight: int = Field(8, ge=1, description="Most requests under way at once; fewer while the server is overloaded.")
    texts_per_request: int = Field(64, ge=1, description="Texts sent together.")

    cache: bool = Field(True, description="Keep vectors and use them again.")
    ledger: bool = Field(True, description="Keep what was computed, by pipeline, stage, model and day, for `dataflow usage`.")
    cache_path: Path | None = Field(None, description="SQLite file of the vectors. None: vectors.sqlite beside the answers of the language models.")

    @property
    def key_variable(self) -> str:
        return API_KEY_VARIABLE

    @classmethod
    def from_environment(cls, base_url: str = "", model: str = "", api_key_variable: str = "", **settings: Any) -> EmbeddingSettings:
        """What is left empty comes from DATAFLOW_EMBEDDING_BASE_URL, _MODEL and _API_KEY. `settings` are further fields.

        Raises:
            ValueError: `api_key_variable` names a variable that is not set, or a setting is not valid.
        """
        key = key_in(api_key_variable, "embedding") if api_key_variable else os.environ.get(API_KEY_VARIABLE)
        return cls(
            base_url=base_url or os.environ.get(BASE_URL_VARIABLE),
            model=model or os.environ.get(MODEL_VARIABLE),
            api_key=SecretStr(key) if key else None,
            **settings,
        )
