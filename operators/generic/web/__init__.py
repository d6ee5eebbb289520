"""Pages of the web as columns."""
