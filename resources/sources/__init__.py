"""Where the first rows of a pipeline come from: files, or documents that are on every machine."""

from resources.sources.installed_documentation import InstalledDocumentation
from resources.sources.installed_functions import InstalledFunctions
from resources.sources.installed_sources import InstalledSources
from resources.sources.settings import MAX_UNREADABLE, SourceSettings, open_source, source_settings
from resources.sources.shards import find_shards, shard_settings

__all__ = [
    "MAX_UNREADABLE",
    "InstalledDocumentation",
    "InstalledFunctions",
    "InstalledSources",
    "SourceSettings",
    "find_shards",
    "open_source",
    "shard_settings",
    "source_settings",
]
