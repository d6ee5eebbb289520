"""Language models for a run: one engine (cache, limits, retries, budget, accounting) in front of any backend.

`open_serving(LLMSettings.from_environment())` is the way in; what it returns is an `operators.asking.serving.LLMServing`.
"""

from resources.llm.opening import open_serving
from resources.llm.settings.language_model import LLMSettings

__all__ = ["LLMSettings", "open_serving"]
