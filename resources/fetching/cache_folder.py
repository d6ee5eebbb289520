"""Where fetched files are kept."""

from operators.engine.cache_folder import cache_folder

__all__ = ["cache_folder"]
