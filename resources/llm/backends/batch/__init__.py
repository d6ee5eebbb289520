"""Requests of a stage gathered and sent together, answered hours later for less: the Batch API of OpenAI and those who copied it."""

from resources.llm.backends.batch.serving import BatchServing, open_batch_serving
from resources.llm.backends.batch.settings import BatchSettings

__all__ = ["BatchServing", "BatchSettings", "open_batch_serving"]
