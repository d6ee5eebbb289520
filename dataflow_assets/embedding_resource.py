"""The Dagster resource of an embedding model: a thin, configurable door to `resources/embeddings`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, PrivateAttr

from dataflow_assets.checked_resource import CheckedResource
from operators.asking.serving import EmbeddingServing
from resources.embeddings import EmbeddingSettings, open_embeddings


class EmbeddingResource(CheckedResource):
    """An embedding model.

    What is left empty comes from DATAFLOW_EMBEDDING_BASE_URL, _MODEL and _API_KEY; without those the embedded model serves.
    """

    base_url: str = Field(default="", description="An OpenAI-compatible server, such as http://127.0.0.1:8000/v1.")
    model: str = Field(default="", description="Name of the model at the server.")
    api_key_variable: str = Field(default="", description="Environment variable that holds the key. Keys themselves are never configuration.")
    texts_per_request: int | None = Field(default=None, description="Texts sent together.")
    max_in_flight: int | None = Field(default=None, description="Most requests under way at once.")
    rpm: float | None = Field(default=None, description="Requests a minute.")
    tpm: float | None = Field(default=None, description="Tokens a minute.")
    timeout: float | None = Field(default=None, description="Seconds for one attempt at a request.")
    retries: int | None = Field(default=None, description="How often to try again after failures that can pass.")
    extra_body: dict[str, Any] = Field(default={}, description='Further fields of each request, such as {"dimensions": 256}.')

    _serving: EmbeddingServing | None = PrivateAttr(default=None)

    @classmethod
    def settings_model(cls) -> type[BaseModel]:
        return EmbeddingSettings

    def open(self) -> EmbeddingServing:
        """The serving, made once for the run."""
        if self._serving is None:
            named = ("base_url", "model", "api_key_variable")
            settings = {
                name: value for name, value in self if value not in (None, "", {}) and name not in named and name in EmbeddingSettings.model_fields
            }
            self._serving = open_embeddings(
                EmbeddingSettings.from_environment(base_url=self.base_url, model=self.model, api_key_variable=self.api_key_variable, **settings)
            )
        return self._serving
