"""Keys and passwords in programs."""
