"""What a gateway may be told: where it listens, who may ask, and how much it takes."""

from __future__ import annotations

import ipaddress
import os

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

TOKEN_VARIABLE = "DATAFLOW_GATEWAY_TOKEN"
SHORTEST_TOKEN = 16


class GatewaySettings(BaseModel):
    """Where to listen. Beyond this machine only with a token."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="Address to listen on. 0.0.0.0 lets other machines in.")
    port: int = Field(8100, ge=0, le=65535, description="0: any that is free.")
    token: SecretStr | None = Field(None, description="What whoever asks has to send as a bearer token. None: whoever is on this machine may ask.")
    request_megabytes: float = Field(32.0, gt=0, description="Largest body that is taken, in megabytes.")
    most_open: int = Field(10_000, ge=1, description="Most questions open at once; more are told to come again.")
    open_megabytes: float = Field(1_000.0, gt=0, description="Most that the bodies of open questions may come to, in megabytes.")
    body_seconds: float = Field(60.0, gt=0, description="Longest time for a body to come in.")

    @classmethod
    def from_environment(cls, host: str, port: int) -> GatewaySettings:
        """With the token of DATAFLOW_GATEWAY_TOKEN. Raises ValueError: a token is needed there, or is too short."""
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        return cls(host=host, port=port, token=SecretStr(token) if token else None)

    @model_validator(mode="after")
    def _strangers_need_a_token(self) -> GatewaySettings:
        if self.token is None and not is_loopback(self.host):
            raise ValueError(
                f"listening on {self.host} lets other machines spend your money: set {TOKEN_VARIABLE} to a secret of {SHORTEST_TOKEN} characters or "
                "more (openssl rand -hex 24), which workers give as DATAFLOW_LLM_API_KEY."
            )
        if self.token is not None and (len(self.token.get_secret_value()) < SHORTEST_TOKEN or not self.token.get_secret_value().isascii()):
            raise ValueError(f"{TOKEN_VARIABLE} should be a secret of {SHORTEST_TOKEN} ASCII characters or more: openssl rand -hex 24 makes one.")
        return self


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
