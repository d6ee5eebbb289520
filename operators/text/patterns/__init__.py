"""Regular expressions of the user's: filters and replacements that no pattern makes hang."""
