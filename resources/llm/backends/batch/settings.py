"""What a user may set about batches."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class BatchSettings(BaseModel):
    """When a batch is sent, and how it is waited for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: int = Field(2000, ge=1, le=50_000, description="A batch is sent when so many requests wait.")
    megabytes: float = Field(90.0, gt=0, le=200, description="Or when they add up to this.")
    quiet_seconds: float = Field(5.0, gt=0, description="Or when nothing new came for so long: the pipeline then waits for answers itself.")
    open_batches: int = Field(4, ge=1, description="Batches under way at once. The runner keeps four times as many rows open as they hold.")
    completion_window: str = Field("24h", description="Within which the provider promises the answers.")
    poll_seconds: float = Field(5.0, gt=0, description="First wait before asking whether a batch is done; each next one is half as long again.")
    poll_seconds_most: float = Field(60.0, gt=0, description="Longest wait between two such questions.")
    unreachable_seconds: float = Field(900.0, ge=0, description="Give up when the server does not answer for so long. The batch goes on there.")
