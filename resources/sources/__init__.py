"""Where the first rows of a pipeline come from: files, or documents that are on every machine."""

from resources.sources.installed_documentation import InstalledDocumentation
from resources.sources.settings import SourceSettings, open_source

__all__ = ["InstalledDocumentation", "SourceSettings", "open_source"]
