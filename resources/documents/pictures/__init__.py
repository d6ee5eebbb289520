"""Pictures of documents: places of PDF pages drawn, parts of archives, files beside a text."""
