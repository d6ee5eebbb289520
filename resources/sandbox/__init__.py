"""Running programs that nobody trusts: bubblewrap, namespaces, a filter of system calls, limits.

`open_sandbox()` is the way in; what it returns is an `operators.sandboxes.Sandbox`.
"""

from resources.sandbox.opening import open_sandbox, why_not
from resources.sandbox.settings import SandboxSettings

__all__ = ["SandboxSettings", "open_sandbox", "why_not"]
