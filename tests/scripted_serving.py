"""Moved: `from operators.testing import ScriptedServing`."""

from operators.testing.scripted_serving import Script, ScriptedServing, smallest_answer

__all__ = ["Script", "ScriptedServing", "smallest_answer"]
