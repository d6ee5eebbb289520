"""Where a text was found: filters by its address."""
