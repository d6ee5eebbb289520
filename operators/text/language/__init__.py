"""Language: which one a text is in."""
