"""HTML: what is markup, and what of a page its readers do not come for."""
