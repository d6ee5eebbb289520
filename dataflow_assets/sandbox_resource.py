"""The Dagster resource of a sandbox: a thin, configurable door to `resources/sandbox`."""

from __future__ import annotations

from pydantic import BaseModel, Field, PrivateAttr

from dataflow_assets.checked_resource import CheckedResource
from operators.sandboxes import Sandbox
from resources.sandbox import SandboxSettings, open_sandbox


class SandboxResource(CheckedResource):
    """Where programs are run that nobody trusts.

    What is left empty comes from DATAFLOW_SANDBOX_PROGRAMS_AT_ONCE, _MAX_SECONDS, _MAX_MEMORY_MB, _IMPORT_FROM and _UNSAFE_SUBPROCESS.
    docs/sandbox.md explains every setting.
    """

    programs_at_once: int | None = Field(default=None, description="Programs run at once; by default one for each core.")
    max_seconds: float | None = Field(default=None, description="Longest run of a program, whatever its own limit says.")
    max_memory_mb: int | None = Field(default=None, description="Most memory of a program, whatever its own limit says.")
    import_from: list[str] = Field(default=[], description="Folders whose packages Python programs may import; read-only.")
    unsafe_subprocess: bool | None = Field(default=None, description="Where there is no isolation, run programs without: they can do what you can.")

    _sandbox: Sandbox | None = PrivateAttr(default=None)

    @classmethod
    def settings_model(cls) -> type[BaseModel]:
        return SandboxSettings

    def open(self) -> Sandbox:
        """The sandbox, made once for the run. Raises SandboxUnavailable where there is no isolation."""
        if self._sandbox is None:
            settings = {name: value for name, value in self if name in SandboxSettings.model_fields and value not in (None, [])}
            self._sandbox = open_sandbox(SandboxSettings.from_environment(**settings))
        return self._sandbox
