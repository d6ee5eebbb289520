"""The sandbox, and running one operator on a few rows."""

from tests.code.conftest import ran, sandbox

__all__ = ["ran", "sandbox"]
