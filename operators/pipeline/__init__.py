"""Operators connected: handles are recorded, plans are checked and run."""
