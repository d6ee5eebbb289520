"""What a user may set about a retriever."""

from __future__ import annotations

import os
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

PLACE_VARIABLE = "DATAFLOW_RETRIEVER"
API_KEY_VARIABLE = "DATAFLOW_RETRIEVER_API_KEY"


class RetrieverSettings(BaseModel):
    """Where passages are searched. One `place`: an index folder, a file of passages, or the address of a server."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    place: str = Field("", description="The folder of an index; a file of passages (JSONL, CSV, Parquet); or http://host:8000/retrieve.")

    by: Literal["words", "meaning", "both"] = Field("words", description="Of an index: what a query and a passage have to share.")
    text: str = Field("text", description="Of a file: the column that is searched.")
    fields: tuple[str, ...] = Field((), description="Of a file: columns to narrow a search by, such as document and section.")

    api_key: SecretStr | None = Field(None, description="Of a server: sent as a bearer token; from DATAFLOW_RETRIEVER_API_KEY.")
    seconds: float = Field(30.0, gt=0, le=3600, description="Of a server: longest wait for an answer.")
    tries: int = Field(3, ge=1, le=20, description="Of a server: how often a request is sent while it is overloaded or breaks off.")
    queries_per_request: int = Field(32, ge=1, le=1000, description="Of a server: queries sent together.")
    max_in_flight: int = Field(4, ge=1, le=256, description="Of a server: requests under way at once.")

    @property
    def is_server(self) -> bool:
        return self.place.startswith(("http://", "https://"))

    @classmethod
    def from_environment(cls, **settings: Any) -> Self:
        """What is not given comes from DATAFLOW_RETRIEVER and DATAFLOW_RETRIEVER_API_KEY."""
        settings.setdefault("place", os.environ.get(PLACE_VARIABLE, "").strip())
        if (key := os.environ.get(API_KEY_VARIABLE)) and "api_key" not in settings:
            settings["api_key"] = SecretStr(key)
        return cls(**settings)
