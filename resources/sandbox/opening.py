"""From settings to a sandbox."""

from __future__ import annotations

from operators.sandboxes import Sandbox
from resources.sandbox.settings import SandboxSettings


def why_not() -> str:
    """Why no program can be run as the environment says, with what to do; empty where they can."""
    from resources.sandbox.pool import what_is_missing

    return what_is_missing(SandboxSettings.from_environment())


def open_sandbox(settings: SandboxSettings | None = None) -> Sandbox:
    """The sandbox that the settings (by default: the environment) describe. Nothing is started yet.

    Raises:
        SandboxUnavailable: there is no isolation here, and the settings do not say to go without.
    """
    from resources.sandbox.pool import BubblewrapSandbox, check_isolation

    settings = settings or SandboxSettings.from_environment()
    check_isolation(settings)
    return BubblewrapSandbox(settings)
